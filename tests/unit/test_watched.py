"""What the bench of a group says of what a page received: who was shown, how large, what was heard."""

from tests.bench.watched import Watched
from tests.received import Picture, Received, Sound

SECOND = 48_000


def received(at_s: int, *pictures: Picture, sound_bytes: int = 0, concealed: int = 0) -> Received:
    sounds = [Sound(sound_bytes, concealed, at_s * SECOND, energy=1.0), Sound(0, 0, 0, energy=0.0)]
    return Received({picture.name: picture for picture in pictures}, sounds)


def watched(*looks: Received) -> Watched:
    found = Watched(looks[0], looks[0])
    for look in looks[1:]:
        found.add(look, 1.0)
    return found


def test_only_a_second_with_a_new_frame_shows_somebody() -> None:
    frames = [10, 25, 25, 40, 40]
    found = watched(*[received(at_s, Picture("나무", 0, count, 180)) for at_s, count in enumerate(frames)])
    assert found.shown("나무") == 50
    assert found.heights("나무") == {180: 2.0}


def test_a_picture_takes_the_size_in_which_it_is_shown_for_longest() -> None:
    heights = [90, 90, 90, 360]
    found = watched(*[received(at_s, Picture("나무", 0, at_s, height)) for at_s, height in enumerate(heights)])
    assert found.usual_height("나무") == 90


def test_of_whom_nothing_came_nothing_is_shown() -> None:
    found = watched(received(0), received(1))
    assert (found.shown("나무"), found.usual_height("나무"), found.picture_kbit_s("나무")) == (0, 0, 0)


def test_a_picture_that_comes_only_later_counts_from_then_on() -> None:
    found = watched(received(0), received(1, Picture("나무", 500, 1, 180)), received(2, Picture("나무", 1_000, 2, 180)))
    assert found.shown("나무") == 50
    assert found.picture_kbit_s("나무") == 4


def test_made_up_sound_counts_and_so_do_seconds_without_any_packet() -> None:
    made_up = watched(received(0), received(1, sound_bytes=100, concealed=SECOND // 4))
    assert made_up.concealed == 25
    faded = watched(received(0), received(1, sound_bytes=100), received(2, sound_bytes=100))
    assert faded.concealed == 50
