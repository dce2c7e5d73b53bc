"""What programs ask: is the server well, what may be indexed, static files."""

from xml.sax.saxutils import escape

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from models import db, kb, schema
from models.db import reading
from models.errors import NotFound, SupportError
from public_site import rendering
from public_site.door import Visit, in_thread, site_of

PAGE_SIZE = 100
MAX_ADDRESSES = 50_000  # of one sitemap, sitemaps.org
YEAR = "public, max-age=31536000, immutable"
_ROBOTS = """User-agent: *
Allow: /help
Disallow: /support
Disallow: /login
Disallow: /register
Disallow: /account

Sitemap: {base_url}/sitemap.xml
"""


async def alive(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def ready(_request: Request) -> Response:
    """The database answers and has the newest schema; else 503."""
    problem = await in_thread(_problem)
    return PlainTextResponse(f"{problem or 'ok'}\n", 503 if problem else 200)


def _problem() -> str:
    try:
        return "" if schema.is_current(db.current()) else "the schema is not the newest"
    except (SupportError, SQLAlchemyError):
        return "the database does not answer"


def robots(visit: Visit) -> Response:
    """What search engines may read."""
    return rendering.cached(
        visit, PlainTextResponse(_ROBOTS.format(base_url=visit.site.settings.base_url))
    )


def sitemap(visit: Visit) -> Response:
    """All published articles with the day of their last change."""
    base = visit.site.settings.base_url
    lines = [f"<url><loc>{base}/help</loc></url>"]
    with reading() as db:
        for number in range(1, MAX_ADDRESSES // PAGE_SIZE + 1):
            found = kb.published_articles(db, page=number, page_size=PAGE_SIZE, actor=visit.actor)
            lines += [
                f"<url><loc>{base}/help/{escape(item.slug)}</loc>"
                f"<lastmod>{item.updated_at:%Y-%m-%d}</lastmod></url>"
                for item in found.items
            ]
            if len(found.items) < PAGE_SIZE:
                break
    body = "\n".join(lines)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{body}\n</urlset>\n'
    )
    return rendering.cached(visit, Response(text, media_type="application/xml"))


async def static_file(request: Request) -> Response:
    """A static file; under the address with its hash it may be kept for ever."""
    name = request.path_params["name"]
    asset = site_of(request).assets.get(name)
    if asset is None:
        raise NotFound
    is_versioned = request.query_params.get("v") == asset.version
    tag = f'"{asset.version}"'
    headers = {
        "Cache-Control": YEAR if is_versioned else "public, max-age=300",
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if rendering.is_known(request.headers, tag):
        return Response(status_code=304, headers=headers)
    if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.gzipped, media_type=asset.content_type, headers=headers)
    return Response(asset.body, media_type=asset.content_type, headers=headers)
