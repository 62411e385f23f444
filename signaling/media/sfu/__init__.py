"""Our own selective forwarding unit: encoded media in, the same media out, nothing decoded.

A packet's way: `udp` (whose is it), `peer` (SRTP off), `feed` (repair), `forwarding` (rewrite), `peer` (SRTP on).
"""
