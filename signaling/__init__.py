"""The live part: the wire protocol, the call's state machine, the node that carries calls, and the media engines."""
