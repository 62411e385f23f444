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


class JsonRefused(ValueError):
    """It is not JSON, or more of it than we take."""


def loads(text: str | bytes, **options: Any) -> Any:
    """The value. Raises `JsonRefused`."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    bare = _STRING.sub('""', text)
    if _LONG_NUMBER.search(bare):
        raise JsonRefused("a number is too long")
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise JsonRefused("nested too deeply")
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise JsonRefused(error.msg) from None


def dumps(value: object, **options: Any) -> str:
    """The text of a value of ours."""
    return json.dumps(value, ensure_ascii=False, **options)


def _refuse(constant: str) -> float:
    raise JsonRefused(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonRefused("a number is too large")
    return number
