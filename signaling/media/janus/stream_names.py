"""Names the MediaStreams in an offer that Janus wrote: it puts all tracks of a publisher into one. Pure."""

import re
from collections.abc import Mapping

_SECTION = re.compile(r"^(?=m=)", re.MULTILINE)
_MID = re.compile(r"^a=mid:(\S+)", re.MULTILINE)
_STREAM = re.compile(r"^(a=(?:ssrc:\d+ )?msid:)\S+", re.MULTILINE)


def with_stream_names(sdp: str, names: Mapping[str, str]) -> str:
    """The same with the names given by mid; m-lines that are not named stay as they are."""
    return "".join(_renamed(section, names) for section in _SECTION.split(sdp))


def _renamed(section: str, names: Mapping[str, str]) -> str:
    mid = _MID.search(section)
    name = names.get(mid[1]) if mid else None
    return section if name is None else _STREAM.sub(rf"\g<1>{name}", section)
