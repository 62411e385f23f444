"""The parts of PROTOCOL.md that are made from the code: the words of the state, and what each field may be.

`./run generate` writes them; a test says when they are old.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from signaling.media.port import Source
from signaling.messages import shapes
from signaling.messages.table import REQUESTS

WORDS: Mapping[str, type[StrEnum]] = {
    "`kind`": shapes.Kind,
    "`phase`": shapes.Phase,
    "`role`": shapes.Role,
    "`presence`": shapes.Presence,
    "`hint`": shapes.Hint,
    "`source`": Source,
    "`recording.status`": shapes.RecordingStatus,
    "`consent.answers`, item": shapes.ConsentItem,
    "`consent.answers`, answer": shapes.ConsentAnswer,
    "`agenda`, `state`": shapes.AgendaState,
    "`chat`, `to`": shapes.Channel,
}


def words() -> str:
    """Every word that may stand in the state, with what it means, as a Markdown table."""
    rows = ["| in | word | means |", "|---|---|---|"]
    for place, enum in WORDS.items():
        meanings = meanings_of(enum)
        rows += [f"| {place} | `{word.value}` | {meanings[word.value]} |" for word in enum]
    return "\n".join(rows)


def meanings_of(enum: type[StrEnum]) -> Mapping[str, str]:
    """What stands beside each word where it is defined."""
    return dict(re.findall(r' = "(\w+)"  # (.+)', inspect.getsource(enum)))


def fields() -> str:
    """What each field of each request may be, as a Markdown table."""
    rows = ["| event | field | may be |", "|---|---|---|"]
    for event, rule in REQUESTS.items():
        schema = rule.model.model_json_schema()
        rows += [f"| `{event}` | `{name}` | {said} |" for name, said in _fields_of(schema, schema.get("$defs", {}))]
    return "\n".join(rows)


def _fields_of(schema: Mapping[str, Any], defined: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        missing = "" if name in required else "; may be missing"
        yield within + name, _said(field, defined) + missing
        inner = defined.get(_name(field.get("items", {})), {})
        yield from _fields_of(inner, defined, f"{within}{name}[].")


def _said(field: Mapping[str, Any], defined: Mapping[str, Any]) -> str:
    """A field's schema in words."""
    if "anyOf" in field:
        return ", or ".join(_said(part, defined) for part in field["anyOf"])
    field = {**defined.get(_name(field), {}), **field}
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "pattern" in field:
        pattern = str(field["pattern"]).strip("^$").replace("|", r"\|")
        return f"like `{pattern}`"
    match field["type"]:
        case "string" if field.get("format") == "date":
            return "a date, `YYYY-MM-DD`"
        case "string":
            return f"at most {field['maxLength']:,} characters"
        case "array":
            return f"at most {field['maxItems']}"
        case "integer":
            return (
                f"a whole number from {field['minimum']:,} to {field.get('maximum') or field['exclusiveMaximum'] - 1:,}"
            )
        case "number":
            return f"a number from {field['minimum']:,} to {field['maximum']:,}"
        case "boolean":
            return "`true` or `false`"
    return str(field["type"])


def _name(field: Mapping[str, Any]) -> str:
    return str(field.get("$ref", "")).rpartition("/")[2]
