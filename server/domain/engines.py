"""What carries the media of a node."""

from enum import StrEnum


class Engine(StrEnum):
    """A node has one; a room may ask for one."""

    SFU = "sfu"  # our own
    JANUS = "janus"
    LOOPBACK = "loopback"  # for tests and trying out: nothing reaches a browser
