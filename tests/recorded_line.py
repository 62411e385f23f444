"""What the adaptation of one viewer was told over a real line, when, and what it decided: to be told again in tests.

One file of JSON lines for each recording, made by `./run bench record_line`. First what the recording is of, then what
the line itself did second by second, then, for each connection that the viewer had, `begins` and what was told and
decided from there on. `at` is in seconds: of the line since the recording began, of all else since `begins`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import Any

from signaling.media.adaptation.line import Estimate, Loss, Resends, RoundTrip, Sign
from signaling.media.adaptation.shedding import LayerRate, Role, Shown
from signaling.media.port import ClientStats, TrackId

FOLDER = Path(__file__).with_name("recorded_lines")
SIGNS: dict[str, type[Sign]] = {kind.__name__: kind for kind in (Loss, Estimate, Resends, RoundTrip, ClientStats)}


@dataclass(frozen=True)
class Heard:
    """A sign that came."""

    at_s: float
    sign: Sign


@dataclass(frozen=True)
class Decided:
    """What was wanted and measured at a moment, and what the viewer was given."""

    at_s: float
    shown: tuple[Shown, ...]
    audio_bps: int
    layers: dict[TrackId, int | None]


@dataclass
class Viewing:
    """One connection of the viewer: everything in the order it happened."""

    begins_s: float
    events: list[Heard | Decided] = field(default_factory=list)


@dataclass(frozen=True)
class Second:
    """What the line did on the way to the viewer until `at_s`; numbers of packets."""

    at_s: float
    capacity_kbit_s: float | None  # None: as much as comes
    entered: int
    lost: int  # by the line itself
    overflowed: int  # too many for the queue

    @property
    def loss(self) -> float:
        """The line's own, as a part of what entered."""
        return self.lost / self.entered if self.entered else 0.0


@dataclass
class Recording:
    """One file. Between `bad_from_s` and `bad_until_s` the line was what it is named after."""

    name: str
    made_of: dict[str, Any]
    bad_from_s: float
    bad_until_s: float
    round_trip_s: float  # of the empty line
    queue_s: float  # packets that would wait longer are dropped
    seconds: list[Second] = field(default_factory=list)
    viewings: list[Viewing] = field(default_factory=list)


def lines_of(events: Iterable[Heard | Decided]) -> Iterator[str]:
    """What happened on one connection, as it is written: signs of one moment on one line, pictures when they change."""
    heard: dict[str, Any] = {}
    shown: Sequence[Shown] = ()
    for event in events:
        said = _said(event, shown)
        if isinstance(event, Heard) and heard.get("at") == event.at_s and not heard.keys() & said.keys() - {"at"}:
            heard |= said
            continue
        if heard:
            yield _json(heard)
        heard = said if isinstance(event, Heard) else {}
        if isinstance(event, Decided):
            yield _json(said)
            shown = event.shown
    if heard:
        yield _json(heard)


def _said(event: Heard | Decided, before: Sequence[Shown]) -> dict[str, Any]:
    match event:
        case Heard(at_s, sign):
            return {"at": at_s, type(sign).__name__: astuple(sign)}
        case Decided(at_s, shown, audio_bps, layers):
            pictures = {} if list(shown) == list(before) else {"shown": [astuple(each) for each in shown]}
            return {"at": at_s, "sound": audio_bps, **pictures, "layers": [layers[each.track] for each in shown]}


def events(lines: Iterable[str]) -> Iterator[Heard | Decided]:
    """What was written of one connection."""
    shown: tuple[Shown, ...] = ()
    for line in lines:
        said = json.loads(line)
        if "sound" not in said:
            yield from (Heard(said["at"], SIGNS[name](*values)) for name, values in said.items() if name in SIGNS)
            continue
        shown = tuple(map(_shown, said["shown"])) if "shown" in said else shown
        layers = dict(zip((each.track for each in shown), said["layers"], strict=True))
        yield Decided(said["at"], shown, said["sound"], layers)


def write(recording: Recording, folder: Path = FOLDER) -> Path:
    """Keep it; where."""
    own = {one.name: getattr(recording, one.name) for one in fields(recording)[1:-2]}
    lines = [_json(own), *(_json({"line": astuple(second)}) for second in recording.seconds)]
    for viewing in recording.viewings:
        lines += [_json({"begins": viewing.begins_s}), *lines_of(viewing.events)]
    path = folder / f"{recording.name}.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def read(name: str, folder: Path = FOLDER) -> Recording:
    """The recording of this name."""
    first, *lines = (folder / f"{name}.jsonl").read_text().splitlines()
    recording = Recording(name, **json.loads(first))
    begun: list[tuple[float, list[str]]] = []
    for line in lines:
        if line.startswith('{"line"'):
            recording.seconds.append(Second(*json.loads(line)["line"]))
        elif line.startswith('{"begins"'):
            begun.append((json.loads(line)["begins"], []))
        else:
            begun[-1][1].append(line)
    recording.viewings = [Viewing(begins_s, list(events(told))) for begins_s, told in begun]
    return recording


def names() -> list[str]:
    """Of all recordings that are kept."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def _shown(values: Sequence[Any]) -> Shown:
    track, role, height, visible, priority, layers = values
    return Shown(TrackId(track), Role(role), height, visible, priority, tuple(LayerRate(*each) for each in layers))


def _json(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
