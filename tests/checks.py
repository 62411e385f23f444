"""ICE checks as a client sends them, by aioice's reading of the RFC."""

from aioice import stun


def check_of(ufrag: str, password: str, *, nominate: bool = True) -> bytes:
    """A signed check for this agent, as one datagram."""
    attributes: dict[str, object] = {"USERNAME": f"{ufrag}:x", "PRIORITY": 1, "ICE-CONTROLLING": 7}
    if nominate:
        attributes["USE-CANDIDATE"] = None
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
    message.add_message_integrity(password.encode())
    return bytes(message)
