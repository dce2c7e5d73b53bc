"""Pictures in articles: who gets them, and with which headers."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from models import db, kb, settings, users
from models.actor import Role, operator
from models.deeds import read
from models.kb.tables import Picture
from models.users import LinkPurpose, User
from tests.cli.trees import page, picture, write
from tests.models.world import OPERATOR, person, stored, visitor
from tests.public_site.visitor import Town

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def take(folder: Path, content: bytes, *, name: str = "a.png", draft: str = "false") -> str:
    """The address of the picture of a new article; the empty word when it was not taken."""
    write(folder, {f"A/{name}": content, "A/a.md": page("A", f"![A]({name})", draft=draft)})
    kb.import_tree(folder, kb.Wishes(publish=True), tell=lambda *_: None, actor=operator())
    rows = stored(Picture)
    return f"/help/pictures/{rows[0].name}" if rows else ""


def browser_of(town: Town, role: Role = Role.SUPPORT) -> TestClient:
    """A browser of somebody with this role."""
    actor = person(role)
    with db.unit_of_work() as session:
        user = session.get_one(User, actor.user_id)
        link = users.new_link(session, user, LinkPurpose.SIGN_IN, actor=OPERATOR)
    client = town.visitor().client
    opened = users.use_link(link, None, actor=visitor())
    client.cookies.set("session", opened.token)
    return client


def test_a_picture_of_a_published_article_is_everybodys(town: Town, tmp_path: Path) -> None:
    address = take(tmp_path, picture())
    assert address.endswith("-40x30.png")
    client = town.visitor().client
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "set-cookie" not in answer.headers
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    shown = client.get("/help/a").text
    assert 'width="40" height="30" loading="lazy">' in shown


def test_a_picture_that_only_a_draft_shows_is_for_staff(town: Town, tmp_path: Path) -> None:
    address = take(tmp_path, picture(), draft="true")
    client = town.visitor().client
    hidden, missing = client.get(address), client.get(f"/help/pictures/{'0' * 32}-1x1.png")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    agent = browser_of(town)
    answer = agent.get(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    member = browser_of(town, Role.MEMBER)
    assert member.get(address).status_code == 404


@SQLITE
def test_a_picture_goes_with_its_last_article(town: Town, tmp_path: Path) -> None:
    address = take(tmp_path, picture())
    client = town.visitor().client
    with db.unit_of_work() as session:
        found = kb.get(session, "a", actor=operator())
        deed = read(kb.ArticleDeed, {"title": "A", "content": "None.", "category": found.category})
        kb.update_article(session, found, deed, actor=operator())
    assert client.get(address).status_code == 404
    back = {"title": "A", "content": f"![Again]({address})", "category": found.category}
    with db.unit_of_work() as session:
        found = kb.get(session, "a", actor=operator())
        kb.update_article(session, found, read(kb.ArticleDeed, back), actor=operator())
    assert client.get(address).status_code == 200
    with db.unit_of_work() as session:
        kb.delete_article(session, kb.get(session, "a", actor=operator()), actor=operator())
    assert client.get(address).status_code == 404


@SQLITE
def test_readers_get_nothing_but_the_picture(town: Town, tmp_path: Path) -> None:
    """No place, no camera, nothing behind the picture; the type is that of the bytes."""
    original = picture("JPEG") + b"PK\x03\x04<script>x</script>"
    address = take(tmp_path, original, name="photo.png")
    answer = town.visitor().client.get(address)
    assert answer.headers["content-type"] == "image/jpeg"
    assert b"Exif" not in answer.content
    assert b"<script>" not in answer.content


BOMB = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x02\0\0\0" + b"\0" * 40
)  # 65 535 pixels each way


NO_PICTURES = {
    "html": b"<html><script>x</script>",
    "svg": b"<svg onload=x>",
    "truncated": picture("JPEG")[:200],
    "bomb": BOMB,
    "empty": b"",
    "huge": b"x" * 10_485_761,
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES)
@SQLITE
def test_what_is_no_picture_is_not_taken(town: Town, tmp_path: Path, content: bytes) -> None:
    assert take(tmp_path, content) == ""
    assert not (settings.current().data_dir / "files").exists()
    page_ = town.visitor().client.get("/help/a").text
    assert "<img alt" not in page_
    assert "/help/pictures/" not in page_


@SQLITE
def test_a_file_that_is_gone_is_no_crash(town: Town, tmp_path: Path) -> None:
    address = take(tmp_path, picture())
    for path in (settings.current().data_dir / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    assert town.visitor().client.get(address).status_code == 404
