"""Janus behind the media port: rooms on the VideoRoom plugin of a Janus 1.x beside the node. See docs/media.md."""
