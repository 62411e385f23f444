"""The protocol's types as TypeScript, so that the front end cannot drift.

`python -m signaling.messages.typescript > web/src/net/messages.gen.ts` writes them; a test says when they are old.
"""

import sys
from collections.abc import Iterable
from typing import Any

from signaling.errors import Code
from signaling.messages.shapes import PROTOCOL_VERSION, Message
from signaling.messages.table import PUSHES, REQUESTS

_HEAD = "// Made by `python -m signaling.messages.typescript`. Change signaling/messages instead.\n"
_PRIMITIVES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def render() -> str:
    """The whole file."""
    definitions: dict[str, str] = {}
    for rule in REQUESTS.values():
        _collect(rule.model, "validation", definitions)
        _collect(rule.answer, "serialization", definitions)
    for push in PUSHES.values():
        _collect(push.model, "serialization", definitions)
    codes = " | ".join(f'"{code.value}"' for code in Code)
    parts = [
        _HEAD,
        f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};\n",
        f"export type ErrorCode = {codes};\n",
        *(definitions[name] for name in sorted(definitions)),
        _map("Requests", ((event, rule.model.__name__) for event, rule in REQUESTS.items())),
        _map("Answers", ((event, rule.answer.__name__) for event, rule in REQUESTS.items())),
        _map("Pushes", ((event, push.model.__name__) for event, push in PUSHES.items())),
    ]
    return "\n".join(parts)


def _map(name: str, rows: Iterable[tuple[str, str]]) -> str:
    body = "".join(f'  "{event}": {model};\n' for event, model in rows)
    return f"export interface {name} {{\n{body}}}\n"


def _collect(model: type[Message], mode: str, into: dict[str, str]) -> None:
    schema = model.model_json_schema(mode="validation" if mode == "validation" else "serialization")
    for name, definition in schema.pop("$defs", {}).items():
        into[name] = _declaration(name, definition)
    into[model.__name__] = _declaration(model.__name__, schema)


def _declaration(name: str, schema: dict[str, Any]) -> str:
    note = f"/** {schema['description']} */\n" if "description" in schema else ""
    if schema.get("type") != "object":
        return f"{note}export type {name} = {_type(schema)};\n"
    required = set(schema.get("required", ()))
    fields = "".join(_field(field, value, field in required) for field, value in schema.get("properties", {}).items())
    if not fields:
        return f"{note}export type {name} = Record<string, never>;\n"
    return f"{note}export interface {name} {{\n{fields}}}\n"


def _field(name: str, schema: dict[str, Any], required: bool) -> str:
    note = f"  /** {schema['description']} */\n" if "description" in schema else ""
    return f"{note}  {name}{'' if required else '?'}: {_type(schema)};\n"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(part) for part in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return " | ".join(f'"{value}"' for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"({_type(schema['items'])})[]" if "anyOf" in schema["items"] else f"{_type(schema['items'])}[]"
    if schema.get("type") == "object":
        return _record(schema)
    return _PRIMITIVES.get(schema.get("type", ""), "unknown")


def _record(schema: dict[str, Any]) -> str:
    values = schema.get("additionalProperties")
    if not isinstance(values, dict):
        return "Record<string, unknown>"
    keys = _type(schema["propertyNames"]) if "propertyNames" in schema else "string"
    return f"Partial<Record<{keys}, {_type(values)}>>" if keys != "string" else f"Record<string, {_type(values)}>"


if __name__ == "__main__":
    sys.stdout.write(render())
