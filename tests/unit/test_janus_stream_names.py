"""In an offer of Janus, a person's voice and camera are streams of their own."""

from signaling.media.janus.stream_names import with_stream_names

OFFER = "\r\n".join((
    "v=0",
    "a=msid-semantic: WMS janus",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "a=mid:0",
    "a=msid:janus janus0",
    "a=ssrc:11 msid:janus janus0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "a=mid:10",
    "a=msid:janus janus10",
    "m=video 0 UDP/TLS/RTP/SAVPF 96",
    "a=mid:1",
    "a=msid:janus janus1",
    "",
))  # fmt: skip


def test_each_m_line_that_carries_something_gets_its_name_and_all_else_stays() -> None:
    named = with_stream_names(OFFER, {"0": "anna.mic", "10": "anna.camera"})
    assert named == OFFER.replace("janus janus0", "anna.mic janus0").replace("janus janus10", "anna.camera janus10")


def test_what_is_no_description_stays_as_it_is() -> None:
    assert with_stream_names("", {"0": "anna.mic"}) == ""
