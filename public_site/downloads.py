"""Files of people on their way out: never run, never shown as a page of ours."""

from urllib.parse import quote

from starlette.responses import Response

from models import tickets

_POLICY = "sandbox; default-src 'none'"


def of(found: tickets.Attachment) -> Response:
    """The file; pictures, which were drawn anew, may be looked at, all else is saved.

    Raises Unavailable when its bytes cannot be read.
    """
    kind = "inline" if found.content_type in tickets.SHOWN else "attachment"
    plain = found.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    full = quote(found.name, safe="")
    return Response(
        tickets.content_of(found),
        headers={
            "Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{full}",
            "Content-Security-Policy": _POLICY,
            "Accept-Ranges": "none",
        },
        media_type=_type(found.content_type),
    )


def _type(kind: str) -> str:
    return "text/plain; charset=utf-8" if kind == "text/plain" else kind
