"""What the domain is, without I/O: plain dataclasses and pure functions."""
