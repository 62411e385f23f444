"""JSON from strangers: at most 16 levels deep, numbers of at most 20 digits, finite. Checked before anything is built.

Shaped like the standard `json` module, as Socket.IO wants it.
"""

import json
import math
import re
from typing import Any

MAX_DEPTH = 16
MAX_DIGITS = 20

# A string that is never closed runs to the end, so each character is looked at once.
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_LONG_NUMBER = re.compile(rf"[0-9]{{{MAX_DIGITS + 1}}}")


def loads(text: str | bytes, **options: Any) -> Any:
    """The value. Raises ValueError."""
    if isinstance(text, bytes):
        text = text.decode()
    bare = _STRING.sub('""', text)
    if _LONG_NUMBER.search(bare):
        raise ValueError("a number is too long")
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
    return json.loads(text, parse_constant=_refuse, parse_float=_finite)


def dumps(value: object, **options: Any) -> str:
    """The text of a value of ours."""
    return json.dumps(value, ensure_ascii=False, **options)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
