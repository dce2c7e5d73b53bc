"""What programs ask: is the server well, what may be indexed, static files."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from models import db, kb, schema
from models.db import reading
from models.errors import NotFound, SupportError
from models.export import instant
from public_site import rendering
from public_site.door import Visit, in_thread, site_of

FEED_SIZE = 30
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
PAGE_SIZE = 100
# Characters that XML 1.0 has no place for.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
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


def feed(visit: Visit) -> Response:
    """The articles that were changed last, as Atom (RFC 4287)."""
    base = visit.site.settings.base_url
    with reading() as db:
        found = kb.newest(db, FEED_SIZE, actor=visit.actor)
    root = ET.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _put(root, "title", f"{visit.site.settings.product_name} Help center")
    _put(root, "id", f"{base}/help")
    ET.SubElement(root, "link", href=f"{base}/help")
    ET.SubElement(root, "link", rel="self", href=f"{base}/help/feed.xml")
    author = ET.SubElement(root, "author")
    _put(author, "name", visit.site.settings.product_name)
    _put(root, "updated", instant(found[0].updated_at if found else NEVER))
    for article in found:
        entry = ET.SubElement(root, "entry")
        _put(entry, "title", article.title)
        _put(entry, "id", f"urn:uuid:{article.id}")
        ET.SubElement(entry, "link", href=f"{base}/help/{article.slug}")
        _put(entry, "updated", instant(article.updated_at))
        _put(entry, "summary", article.excerpt or "")
        ET.SubElement(entry, "category", term=article.category, label=article.category_title)
    text = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return rendering.cached(visit, Response(text, media_type="application/atom+xml"))


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NO_XML.sub("", text)


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
