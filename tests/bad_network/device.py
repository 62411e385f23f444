"""A TUN device: the end of a cable whose packets a process reads and writes. linux/if_tun.h"""

import fcntl
import os
import struct

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000


def open_tun(name: str) -> int:
    """A descriptor of a new device in this thread's namespace: one packet per read or write, never blocking.

    The device goes with its descriptor. Raises OSError without the right to make one.
    """
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor
