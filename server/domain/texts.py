"""Texts of several lines as they are stored: what people see stays, what only machines see goes."""

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_KEPT = frozenset("\n\t\u200c\u200d")  # line breaks, tabs, and the joiners that some scripts and emoji are written with


def clean_lines(text: str) -> str:
    """NFC with single line breaks, without control and bidirectional marks. HTML stays what it is: text."""
    broken = text.replace("\r\n", "\n").replace("\r", "\n")
    visible = "".join(c for c in broken if c in _KEPT or unicodedata.category(c) not in _INVISIBLE)
    return unicodedata.normalize("NFC", visible)
