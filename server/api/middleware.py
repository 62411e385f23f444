"""What holds for every request: an id, problems as answers, changes only from our own pages, and protective headers.

Camera, microphone and display capture stay allowed for our own origin.
"""

import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import ValidationError

from server.api import errors
from server.domain.errors import Refused

REQUEST_ID = web.RequestKey("request_id", str)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
log = structlog.get_logger()


@web.middleware
async def request_ids(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give each request an id, for the log and for the one who reports a problem."""
    request[REQUEST_ID] = uuid.uuid4().hex
    with structlog.contextvars.bound_contextvars(request=request[REQUEST_ID]):
        response = await handler(request)
    if not response.prepared:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong becomes a problem document; what we did not foresee says nothing of itself."""
    try:
        return await handler(request)
    except Refused as refused:
        return errors.problem_of(refused, request[REQUEST_ID])
    except ValidationError as error:
        return errors.malformed(error, request[REQUEST_ID])
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return errors.of_http(error, request[REQUEST_ID])
    except Exception:
        # Path only: the query and the body may hold personal data.
        log.exception("request_failed", method=request.method, path=request.path)
        return errors.our_fault(request[REQUEST_ID])


def same_origin(public_url: str) -> Middleware:
    """Only our own pages may change anything. Browsers always say where a request comes from; tools need not."""
    own = urlsplit(public_url)
    own_origin = f"{own.scheme}://{own.netloc}"

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in SAFE_METHODS and not _from_here(request, own_origin):
            raise errors.CrossOrigin()
        return await handler(request)

    return check


def secure_headers(public_url: str) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Add the headers to everything that leaves, streams and sockets included."""
    over_tls = public_url.startswith("https:")

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if over_tls:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")

    return add


def _from_here(request: web.Request, own_origin: str) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin == own_origin
