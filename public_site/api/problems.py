"""Refusals for programs: RFC 9457 problem documents, with the same words as the pages."""

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from models.errors import SupportError
from public_site import errors
from public_site.errors import Problem

MEDIA_TYPE = "application/problem+json"
API = "/api/"
UNAUTHORIZED = 401


def is_for_programs(path: str) -> bool:
    """Whether what stands at this address is asked for by programs."""
    return path.startswith(API)


def of_error(request: Request, error: SupportError) -> Response:
    """The document of a refusal of the domain."""
    return document(request, errors.problem_of(error))


def of_status(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The document of a refusal that came before the domain was asked."""
    path = request.scope["path"]
    return document(request, errors.problem_with_status(status, headers, path=path))


def document(request: Request, problem: Problem) -> Response:
    """The problem as JSON."""
    said = {
        "type": f"/api/docs#problem-{problem.status}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.text,
        "requestId": request.scope["state"]["request_id"],
        "errors": [
            {"field": field, "message": message} for field, message in problem.fields.items()
        ],
    }
    headers = dict(problem.headers)
    if problem.status == UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    text = json.dumps(said, ensure_ascii=False).encode(errors="replace")
    return Response(text, problem.status, headers, media_type=MEDIA_TYPE)
