"""From a route's row and its handler's signature to a checked request, one transaction and a typed answer.

A handler is a plain function: `async def book(ask: StaffAsk, uow: UnitOfWork, body: NewAppointment) -> Booked`. Its
parameters say what it needs: `ask` (who), `uow` (a transaction: reading for GET, writing otherwise), `body` and `query`
(pydantic models, or bytes), and one `str` per `{name}` in the path. The OpenAPI document is made from the same rows
(server/api/openapi.py).
"""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, get_type_hints

from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter

from server.api import idempotency
from server.api.ask import Ask, Services, StaffAsk
from server.api.errors import MediaTypeWrong, RequestMalformed
from server.domain.errors import NotFound, TooLarge
from server.domain.permissions import Allow
from server.storage.unit_of_work import UnitOfWork
from signaling import limited_json

ID = re.compile(r"[0-9a-f]{32}")
BODY_MAX_BYTES = 64 * 1024
JSON = "application/json"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # U+0000 is in no text of people, and PostgreSQL stores none


class Door(StrEnum):
    """Who may come, where it is not staff."""

    PUBLIC = "public"  # anybody
    VISIT = "visit"  # a seeker, with the visit of an own link


class Body(BaseModel):
    """Base of everything that is sent to us: exact types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Query(BaseModel):
    """Base of query strings: words become numbers and dates, unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """Base of everything we send."""

    model_config = ConfigDict(frozen=True)


Handler = Callable[..., Awaitable[Any]]
Identify = Callable[[web.Request], Awaitable[Ask]]


@dataclass(frozen=True)
class Route:
    """One row of the table of routes, which is also the table of who may do what."""

    method: str
    path: str
    handler: Handler
    allow: Allow | Door
    status: int = 200
    creates: bool = False  # honours Idempotency-Key
    writes: bool = False  # a GET that leaves an audit row
    consumes: str = JSON
    produces: str = JSON
    max_bytes: int = BODY_MAX_BYTES
    too_large: type[TooLarge] = TooLarge  # how a larger body is refused
    answers: Any = None  # what a handler that makes its own response puts into it

    @property
    def name(self) -> str:
        """The operation's name: in OpenAPI, in the authorisation tests, in idempotency keys."""
        return self.handler.__name__


@dataclass(frozen=True)
class Operation:
    """A route with what its handler's signature says."""

    route: Route
    body: Any = None  # a model, or bytes
    query: type[Query] | None = None
    answer: Any = None
    path_names: tuple[str, ...] = ()
    wants_uow: bool = False
    into: TypeAdapter[Any] | None = field(default=None, compare=False)
    out: TypeAdapter[Any] | None = field(default=None, compare=False)


def operation_of(route: Route) -> Operation:
    """Read the handler's signature. Raises TypeError when it does not fit its row."""
    hints = get_type_hints(route.handler)
    names = tuple(re.findall(r"{(\w+)}", route.path))
    known = {"ask", "uow", "body", "query", "return", *names}
    if set(hints) - known or set(names) - set(inspect.signature(route.handler).parameters):
        raise TypeError(f"{route.name} does not fit {route.method} {route.path}")
    answer: Any = route.answers or hints.get("return")
    plain = (
        answer is None or answer is type(None) or (inspect.isclass(answer) and issubclass(answer, web.StreamResponse))
    )
    body: Any = hints.get("body")
    return Operation(
        route=route,
        body=body,
        query=hints.get("query"),
        answer=answer,
        path_names=names,
        wants_uow="uow" in hints,
        into=None if body is None or body is bytes else TypeAdapter(body),
        out=None if plain else TypeAdapter(answer),
    )


class Api:
    """All operations, ready to be added to an aiohttp application."""

    def __init__(self, routes: Sequence[Route], services: Services, doors: Mapping[type | Door, Identify]) -> None:
        self.operations = [operation_of(route) for route in routes]
        self._services = services
        self._doors = doors

    def add_to(self, app: web.Application) -> None:
        """Register every operation."""
        for operation in self.operations:
            app.router.add_route(operation.route.method, operation.route.path, self._served(operation))

    def _served(self, operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            ask = await self._identify(operation.route, request)
            given = await _arguments(operation, request)
            if operation.route.creates and isinstance(ask, StaffAsk):
                return await self._once(operation, ask, given)
            async with self._transaction(operation, ask) as uow:
                return _response(operation, await _call(operation, ask, uow, given))

        return serve

    async def _identify(self, route: Route, request: web.Request) -> Ask:
        if isinstance(route.allow, Door):
            return await self._doors[route.allow](request)
        ask = await self._doors[Allow](request)
        if isinstance(ask, StaffAsk):
            route.allow.check(ask.scope.role)
        return ask

    async def _once(self, operation: Operation, ask: StaffAsk, given: Mapping[str, Any]) -> web.StreamResponse:
        """Serve a creation; the same key with the same request answers what it answered before."""
        request = idempotency.read(ask.http.headers.get("Idempotency-Key"), operation.route.name, given, ask)
        async with self._services.database.write(ask.who, ask.origin) as uow:
            if request is not None:
                known = await idempotency.claim(uow, request)
                if known is not None:
                    return web.Response(status=known.status, body=known.answer, content_type=JSON)
            response = _response(operation, await _call(operation, ask, uow, given))
            if request is not None:
                await idempotency.remember(uow, request, response.status, bytes(response.body or b""))  # type: ignore[attr-defined]  # creations answer a plain Response
            return response

    def _transaction(self, operation: Operation, ask: Ask) -> AbstractAsyncContextManager[UnitOfWork | None]:
        database = self._services.database
        if not operation.wants_uow:
            return _no_transaction()
        reading = operation.route.method == "GET" and not operation.route.writes
        return database.read(ask.who) if reading else database.write(ask.who, ask.origin)


@asynccontextmanager
async def _no_transaction() -> AsyncIterator[None]:
    yield None


async def _call(operation: Operation, ask: Ask, uow: UnitOfWork | None, given: Mapping[str, Any]) -> Any:
    transaction = {"uow": uow} if operation.wants_uow else {}
    return await operation.route.handler(ask=ask, **transaction, **given)


async def _arguments(operation: Operation, request: web.Request) -> dict[str, Any]:
    given: dict[str, Any] = {name: request.match_info[name] for name in operation.path_names}
    if any(name != "token" and not ID.fullmatch(value) for name, value in given.items()):
        raise NotFound()
    if operation.query is not None:
        if any("\0" in value for value in request.query.values()):
            raise RequestMalformed()
        given["query"] = operation.query.model_validate_strings(dict(request.query))
    if operation.body is not None:
        given["body"] = await _body(operation, request)
    return given


async def _body(operation: Operation, request: web.Request) -> Any:
    if request.content_type != operation.route.consumes:
        raise MediaTypeWrong(wanted=operation.route.consumes)
    raw = await _read(request, operation.route)
    if operation.into is None:
        return raw
    try:
        limited_json.loads(raw)  # depth and length of numbers, before anything of ours is built
    except ValueError as error:
        raise RequestMalformed() from error
    if _NUL.search(raw):
        raise RequestMalformed()
    return operation.into.validate_json(raw)


async def _read(request: web.Request, route: Route) -> bytes:
    too_large = route.too_large(max_bytes=route.max_bytes)
    if (request.content_length or 0) > route.max_bytes:
        raise too_large
    raw = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        raw += chunk
        if len(raw) > route.max_bytes:
            raise too_large
    return bytes(raw)


def _response(operation: Operation, result: Any) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    if operation.out is None:
        return web.Response(status=204)
    body = operation.out.dump_json(result)
    return web.Response(status=operation.route.status, body=body, content_type=JSON)
