"""What programs ask for: health, robots, the sitemap, static files."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from models import db, schema
from models.errors import Unavailable
from models.settings import BadSettings, read_settings
from public_site.site import open_site
from tests.models import world
from tests.public_site.visitor import Town

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PNG = b"\x89PNG\r\n\x1a\n"


def test_health(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = town.visitor()
    assert visitor.go("/healthz").text == "ok\n"
    assert visitor.go("/readyz").text == "ok\n"
    monkeypatch.setattr(schema, "is_current", lambda _: False)
    assert visitor.go("/readyz").status_code == 503

    def away() -> None:
        raise Unavailable

    monkeypatch.setattr(db, "current", away)
    assert visitor.go("/readyz").text == "the database does not answer\n"
    assert visitor.go("/healthz").status_code == 200


def test_robots_find_the_sitemap_and_it_lists_published_articles(town: Town) -> None:
    world.article("First steps")
    world.article("A secret draft", publish=False)
    visitor = town.visitor()
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in visitor.go("/robots.txt").text
    tree = ET.fromstring(visitor.go("/sitemap.xml").text)  # noqa: S314 - our own
    places = [node.text for node in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert places == ["http://127.0.0.1:8000/help", "http://127.0.0.1:8000/help/first-steps"]


def test_a_page_loads_only_versioned_files_of_ours_and_few_of_them(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/help")
    names = re.findall(r'(?:href|src)="(/static/[^"#]+)', visitor.page.text)
    assert len(names) >= 5
    assert not re.search(
        r'(?:href|src)="(?:https?:)?//(?!127\.0\.0\.1:8000/help)', visitor.page.text
    )
    weight = len(visitor.page.content)
    for name in set(names):
        answer = visitor.go(name)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        weight += len(answer.content)
    assert weight < 50_000
    assert len(visitor.go("/static/site.css").content) <= 15_000


def test_files_are_sent_small_and_once(town: Town) -> None:
    visitor = town.visitor()
    plain = visitor.go("/static/site.css", **{"Accept-Encoding": "identity"})
    assert plain.headers["cache-control"] == "public, max-age=300"
    assert plain.headers["content-type"] == "text/css; charset=utf-8"
    small = visitor.go("/static/site.css", **{"Accept-Encoding": "gzip"})
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < len(plain.content) // 2
    assert small.content == plain.content
    again = visitor.go("/static/site.css", **{"If-None-Match": plain.headers["etag"]})
    assert again.status_code == 304


def test_no_path_leads_out_of_the_folder(town: Town) -> None:
    visitor = town.visitor()
    for name in (
        "../app.py",
        "..%2fapp.py",
        "/etc/passwd",
        "%2e%2e/app.py",
        "",
        "%00",
        "site.py",
    ):
        assert visitor.go(f"/static/{name}").status_code == 404, name


def test_a_logo_and_a_name_of_ones_own(database: db.Database, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(PNG)
    site = open_site(read_settings(logo=str(logo), product_name="<Acme>"))
    page = site.templates.get_template("bare.html")
    assert site.assets.logo == "logo.png"
    asset = site.assets.get("logo.png")
    assert asset is not None
    assert (asset.body, asset.content_type) == (PNG, "image/png")
    assert "&lt;Acme&gt; Support" in page.render(
        problem={"title": "", "text": "", "status": 400}, request_id=""
    )


def test_bad_settings_say_what_to_type(database: db.Database) -> None:
    for name, value in [
        ("logo", "/nothing/here.png"),
        ("logo", "https://example.com/logo.png"),
        ("logo", __file__),
        ("trusted_proxies", "proxy.example.com"),
    ]:
        with pytest.raises(BadSettings, match=f"SUPPORT_{name.upper()}: must be"):
            open_site(read_settings(**{name: value}))


ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feed_names_the_newest_published_articles(town: Town) -> None:
    first = world.article("First <steps> & more", excerpt="How to begin.")
    world.article("A secret draft", publish=False)
    world.article("Second steps")
    visitor = town.visitor()
    answer = visitor.go("/help/feed.xml")
    assert answer.headers["content-type"] == "application/atom+xml"
    root = ET.fromstring(answer.text)  # noqa: S314 - our own
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == ["Second steps", "First <steps> & more"]
    assert root.findall(f"{ATOM}entry")[1].findtext(f"{ATOM}id") == f"urn:uuid:{first}"
    assert "secret" not in answer.text
    known = visitor.go("/help/feed.xml", **{"If-None-Match": answer.headers["etag"]})
    assert known.status_code == 304
    assert 'href="/help/feed.xml"' in visitor.go("/help").text
