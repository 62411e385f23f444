"""What a refusal is called in HTTP: one dictionary, and the one shape of every error (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from server.domain import errors
from server.domain.errors import Detail, Refused

STATUS: Mapping[type[Refused], HTTPStatus] = {
    errors.NotSignedIn: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Gone: HTTPStatus.GONE,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_S = 5


class FieldError(BaseModel):
    """One field of the request that was not accepted."""

    where: str
    why: str


class Problem(BaseModel):
    """Every error of this API. `code` is stable; `title` is for developers; texts for people are made from `code`."""

    model_config = ConfigDict(frozen=True)

    type: str = "about:blank"
    title: str
    status: int
    code: str
    details: dict[str, Detail] | None = None
    errors: list[FieldError] | None = None
    request_id: str | None = None


class MediaTypeWrong(Refused):
    """The body must have the media type this operation reads."""

    code = "media_type_wrong"


class CrossOrigin(errors.NotAllowed):
    """This request came from another site."""

    code = "cross_origin"


class RequestMalformed(errors.Invalid):
    """The request does not have the shape this operation reads."""

    code = "request_malformed"


def status_of(refused: Refused) -> HTTPStatus:
    """The status of a refusal: that of its nearest mapped ancestor."""
    if isinstance(refused, MediaTypeWrong):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    for ancestor in type(refused).__mro__:
        if ancestor in STATUS:
            return STATUS[ancestor]
    return HTTPStatus.CONFLICT


def problem_of(refused: Refused, request_id: str | None) -> web.Response:
    """The answer to a refusal."""
    status = status_of(refused)
    problem = Problem(
        title=refused.sentence,
        status=status,
        code=refused.code,
        details=dict(refused.details) or None,
        request_id=request_id,
    )
    retry = isinstance(refused, errors.TooMany | errors.Unavailable)
    wait_s = refused.details.get("retry_after_s", RETRY_AFTER_S)
    return answer(problem, {"Retry-After": str(wait_s)} if retry else None)


def malformed(error: ValidationError, request_id: str | None) -> web.Response:
    """The answer to a body or query that does not fit its schema. Never echoes what was sent."""
    fields = [
        FieldError(where=".".join(str(part) for part in found["loc"]), why=found["msg"])
        for found in error.errors(include_url=False, include_context=False, include_input=False)[:20]
    ]
    shape = RequestMalformed()
    problem = Problem(title=shape.sentence, status=422, code=shape.code, errors=fields, request_id=request_id)
    return answer(problem)


def of_http(error: web.HTTPException, request_id: str | None) -> web.Response:
    """The answer to what aiohttp itself refuses: unknown path, wrong method, too large a body."""
    code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status, "request_malformed")
    problem = Problem(title=error.reason, status=error.status, code=code, request_id=request_id)
    return answer(problem, {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None)


def our_fault(request_id: str | None) -> web.Response:
    """The answer when we have a bug: it says so and nothing else."""
    return answer(
        Problem(title="Something went wrong on our side.", status=500, code="internal_error", request_id=request_id)
    )


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> web.Response:
    """A problem as a response."""
    body = problem.model_dump_json(exclude_none=True).encode()
    return web.Response(status=problem.status, body=body, content_type=PROBLEM_JSON, headers=headers)
