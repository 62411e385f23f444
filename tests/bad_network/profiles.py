"""Lines as people have them, each way on its own: what `profiles.toml` may say of them."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).with_name("profiles.toml")


class Way(StrEnum):
    """Where a packet goes."""

    UP = "up"  # from the person to the server
    DOWN = "down"  # from the server to the person


class Strict(BaseModel):
    """Unchangeable, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bursts(Strict):
    """Losses that come together: the Gilbert-Elliott channel. Every packet moves it to its next state."""

    enter: float = Field(gt=0, le=1)  # probability to go from the good state to the bad one
    leave: float = Field(gt=0, le=1)  # and back: 1 / leave packets is the mean length of a burst
    loss: float = Field(default=1, gt=0, le=1)  # probability to be lost in the bad state

    @property
    def mean_loss(self) -> float:
        """The share of all packets that is lost in the long run."""
        return self.loss * self.enter / (self.enter + self.leave)


class Impairments(Strict):
    """What one way does to packets. As it stands: nothing. Probabilities are from 0 to 1 and per packet."""

    cut: bool = False  # nothing passes, nobody is told
    ip_versions: tuple[int, ...] = (4, 6)
    udp_blocked: bool = False
    udp_ports_blocked: tuple[int, ...] = ()  # of the server
    tcp_ports_open: tuple[int, ...] | None = None  # of the server; None: all
    mtu: int | None = Field(default=None, ge=1280)  # bytes of an IP packet
    mtu_told: bool = True  # False: what is too long vanishes without ICMP, as behind many firewalls
    loss: float = Field(default=0, ge=0, le=1)
    bursts: Bursts | None = None
    duplicates: float = Field(default=0, ge=0, le=1)
    reordered: float = Field(default=0, ge=0, le=1)
    reordered_by_ms: float = Field(default=30, ge=0)  # so much later come those that others overtake
    rate_kbit_s: float | None = Field(default=None, gt=0)
    queue_ms: float = Field(default=200, ge=0)  # who would wait longer for the rate is dropped
    delay_ms: float = Field(default=0, ge=0)
    jitter_ms: float = Field(default=0, ge=0)  # standard deviation of the delay


_OF_A_CLEAN_LINE = {"delay_ms", "ip_versions", "udp_blocked", "udp_ports_blocked", "tcp_ports_open"}


class Profile(Strict):
    """A line: how it is each way, and who has it."""

    about: str
    up: Impairments
    down: Impairments

    @model_validator(mode="before")
    @classmethod
    def _both_ways(cls, said: dict[str, Any]) -> dict[str, Any]:
        """What `both` says holds for each way that says nothing else."""
        if "both" not in said and {*Way} <= said.keys():
            return said
        ways = {way.value: said.get("both", {}) | said.get(way, {}) for way in Way}
        return {name: value for name, value in said.items() if name != "both"} | ways

    def way(self, way: Way) -> Impairments:
        """How it is in this direction."""
        return self.up if way is Way.UP else self.down

    @property
    def ip_versions(self) -> set[int]:
        """The versions that pass both ways, which are those that a host on this line has an address of."""
        return set(self.up.ip_versions) & set(self.down.ip_versions)

    def clean(self) -> Self:
        """The same line, doing nothing to what it lets through but to bring it later."""
        ways = {way.value: Impairments(**self.way(way).model_dump(include=_OF_A_CLEAN_LINE)) for way in Way}
        return self.model_copy(update=ways)

    def cut(self, *ways: Way) -> Self:
        """The same line with nothing passing in these directions."""
        return self.model_copy(update={way.value: self.way(way).model_copy(update={"cut": True}) for way in ways})


def both_ways(**impairments: Any) -> Profile:
    """A line that is the same in each direction."""
    return Profile.model_validate({"about": "made for a test", "both": impairments})


def one_way(way: Way, **impairments: Any) -> Profile:
    """A line that does something in one direction and nothing in the other."""
    return Profile.model_validate({"about": "made for a test", way.value: impairments})


def profiles() -> dict[str, Profile]:
    """All lines of the file by name. Raises ValueError for what no line can do."""
    return {name: Profile.model_validate(said) for name, said in tomllib.loads(FILE.read_text()).items()}
