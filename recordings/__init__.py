"""From packets to a playable file: the encrypted spool, the timeline, the composition and the summary draft."""
