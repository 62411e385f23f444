"""The OpenAPI 3.1 document, made from the same rows that serve the requests."""

import inspect
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from server.api.adapter import ID, Door, Operation
from server.api.errors import PROBLEM_JSON, Problem

_REF = "#/components/schemas/{model}"
VERSION = "1"


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    schemas, definitions = TypeAdapter.json_schemas(_keyed(operations), ref_template=_REF)
    components = definitions.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _described(operation, schemas, components)
        paths.setdefault(operation.route.path, {})[operation.route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ieum", "version": VERSION, "summary": "Interviews and counselling for employment services"},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


_SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "ieum",
        "description": "Staff: made by POST /api/session; over https its name is __Host-ieum",
    },
    "visit": {"type": "http", "scheme": "bearer", "description": "Seekers: made by POST /api/join"},
}


def _keyed(operations: Sequence[Operation]) -> list[tuple[tuple[str, str], Any, TypeAdapter[Any]]]:
    keyed: list[tuple[tuple[str, str], Any, TypeAdapter[Any]]] = [
        (("", "problem"), "serialization", TypeAdapter(Problem))
    ]
    for operation in operations:
        name = operation.route.name
        if operation.into is not None:
            keyed.append(((name, "body"), "validation", operation.into))
        if operation.query is not None:
            keyed.append(((name, "query"), "validation", TypeAdapter(operation.query)))
        if operation.out is not None:
            keyed.append(((name, "answer"), "serialization", operation.out))
    return keyed


def _described(operation: Operation, schemas: Any, components: dict[str, Any]) -> dict[str, Any]:
    route = operation.route
    problem = {"content": {PROBLEM_JSON: {"schema": schemas[("", "problem"), "serialization"]}}}
    described: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.handler.__module__.rsplit(".", 1)[-1]],
        "summary": (inspect.getdoc(route.handler) or route.name).splitlines()[0],
        "parameters": _path(operation) + _query(operation, schemas, components) + _headers(operation),
        "responses": {
            **_success(operation, schemas),
            "4XX": {"description": "Refused; `code` says why", **problem},
            "5XX": {"description": "Not possible right now", **problem},
        },
        "security": _security(operation),
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {route.consumes: {"schema": _body(operation, schemas)}},
        }
    return described


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    allow = operation.route.allow
    if allow is Door.PUBLIC:
        return []
    return [{"visit": []}] if allow is Door.VISIT else [{"session": []}]


def _success(operation: Operation, schemas: Any) -> dict[str, Any]:
    route = operation.route
    if operation.out is not None:
        schema = schemas[(route.name, "answer"), "serialization"]
        return {str(route.status): {"description": "Done", "content": {route.produces: {"schema": schema}}}}
    if operation.answer in (None, type(None)) or route.status == 204:
        return {"204": {"description": "Done"}}
    return {str(route.status): {"description": "Content", "content": {route.produces: {}}}}


def _body(operation: Operation, schemas: Any) -> Any:
    return {} if operation.body is bytes else schemas[(operation.route.name, "body"), "validation"]


def _path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": {"type": "string", **({} if name == "token" else {"pattern": f"^{ID.pattern}$"})},
        }
        for name in operation.path_names
    ]


def _query(operation: Operation, schemas: Any, components: dict[str, Any]) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = schemas[(operation.route.name, "query"), "validation"]
    if "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[1]]
    required = schema.get("required", ())
    return [
        {"in": "query", "name": name, "required": name in required, "schema": part}
        for name, part in schema["properties"].items()
    ]


def _headers(operation: Operation) -> list[dict[str, Any]]:
    if not operation.route.creates:
        return []
    schema = {"type": "string", "pattern": r"^[\x21-\x7e]{1,100}$"}
    return [{"in": "header", "name": "Idempotency-Key", "required": False, "schema": schema}]
