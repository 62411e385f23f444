"""Our own SFU: one UDP port, ICE-lite, DTLS-SRTP, raw forwarding. One file per idea of the standards."""
