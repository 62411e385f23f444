"""What a site decides about its media node: addresses, and how much a publisher may send."""

from dataclasses import dataclass, field

from signaling.media.port import Source
from signaling.media.sfu.backlog import GivesWay


@dataclass(frozen=True, slots=True)
class MediaNetwork:
    """Where the one UDP port is and what clients are told of it."""

    port: int = 0  # 0: any free one
    bind_hosts: tuple[str, ...] = ()  # empty, or with a wildcard: every address of this host
    announced_hosts: tuple[str, ...] = ()  # empty: as bound; behind a 1:1 NAT the public addresses


@dataclass(frozen=True, slots=True)
class Limit:
    """The most a publisher should send from one source."""

    max_bitrate_bps: int
    max_height: int  # pixels; 0 for sound

    def layers(self, count: int) -> tuple["Limit", ...]:
        """What each of so many simulcast layers may send, the smallest first: half as high, a third of the bits."""
        return tuple(Limit(self.max_bitrate_bps // 3**n, self.max_height // 2**n) for n in reversed(range(count)))


@dataclass(frozen=True, slots=True)
class MediaPolicy:
    """Bitrates and sizes of a site. A call of many cameras is kept small at the publisher."""

    camera: Limit = Limit(1_500_000, 720)
    camera_layers: int = 3  # 180p, 360p and 720p; a client that cannot do so sends one
    camera_in_crowd: Limit = Limit(400_000, 360)
    crowd_over_cameras: int = 4  # with more cameras than this the limit of a crowd holds
    screen: Limit = Limit(2_500_000, 1080)
    microphone: Limit = Limit(48_000, 0)
    screen_audio: Limit = Limit(128_000, 0)
    seat_capacity: int = 96  # seats a node takes before it announces itself full

    def limit(self, source: Source, cameras: int, gives_way: GivesWay = GivesWay.NOTHING) -> Limit:
        """The limit of one source in a call with so many cameras. What would give way need not be encoded."""
        match source:
            case Source.CAMERA if gives_way >= GivesWay.MEDIUM:
                return self.camera_in_crowd.layers(2)[0]
            case Source.CAMERA:
                is_crowd = cameras > self.crowd_over_cameras or gives_way >= GivesWay.LARGE
                return self.camera_in_crowd if is_crowd else self.camera
            case Source.SCREEN:
                return self.screen
            case Source.MIC:
                return self.microphone
            case Source.SCREEN_AUDIO:
                return self.screen_audio


@dataclass(frozen=True, slots=True)
class SfuSettings:
    """All that a node's engine is given at construction."""

    network: MediaNetwork = field(default_factory=MediaNetwork)
    policy: MediaPolicy = field(default_factory=MediaPolicy)
