"""``supportctl kb export``: a folder that comes back as it was, and files that are not ours."""

import json
from pathlib import Path
from typing import Any

import pytest

from models import db, kb, schema, settings
from models.actor import Role, operator
from models.audit import AuditEntry
from models.kb.tables import Article, ArticleCategory, ArticleSource, Picture
from tests.cli.terminal import Ran, run
from tests.cli.trees import (
    EVERYTHING,
    center,
    counts,
    edit,
    files,
    page,
    picture,
    said,
    stand,
    take,
    write,
)
from tests.models.world import person, stored

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

# In an order that no reference forbids to empty them in.
TABLES = (
    "audit_entries", "article_pictures", "article_sources", "kb_articles", "pictures",
    "article_categories",
)  # fmt: skip


def export(folder: Path) -> Ran:
    return run("kb", "export", str(folder), "--json")


@SQLITE
def test_an_export_is_a_tree_of_its_own(database: db.Database, tmp_path: Path) -> None:
    take(center(tmp_path / "tree"))
    ran = export(tmp_path / "out")
    assert (ran.code, counts(ran)) == (0, (5, 0, 0, 0))
    out = files(tmp_path / "out")
    assert set(out) == {
        ".supportdesk-export.json",
        "about_us/accounts-2.md",
        "about_us/accounts.md",
        "about_us/fees.md",
        "about_us/img/the-same-button.png",
        "store_support/img/photo.jpg",
        "store_support/img/the-same-button.png",
        "store_support/return-an-item.md",
        "store_support/soon.md",
    }
    text = out["store_support/return-an-item.md"].decode()
    assert "[fees](../about_us/fees.md#why)" in text
    assert "[the draft](soon.md)" in text
    assert 'src="img/photo.jpg"' in text
    assert "draft: true" in out["store_support/soon.md"].decode()
    assert out["store_support/img/photo.jpg"] == picture("JPEG")


def test_an_export_comes_back_as_it_was(database: db.Database, tmp_path: Path) -> None:
    take(center(tmp_path / "tree"))
    edit("fees", tags=["a, b", "ü"], excerpt="Short: #1 'quoted'")
    export(tmp_path / "out")
    before = stand(*EVERYTHING)
    again = take(tmp_path / "out")
    assert (again.code, counts(again)) == (0, (0, 0, 5, 0))
    unchanged = [table for table in EVERYTHING if table is not ArticleSource]
    assert stand(*unchanged) == {name: before[name] for name in stand(*unchanged)}
    first = _shown()
    with db.unit_of_work() as session:
        for name in (
            "audit_entries",
            "article_pictures",
            "article_sources",
            "kb_articles",
            "pictures",
            "article_categories",
        ):
            session.execute(schema.metadata.tables[name].delete())
    assert counts(take(tmp_path / "out")) == (5, 0, 0, 0)
    assert _shown() == first


def _shown() -> dict[str, Any]:
    """All that an export promises to bring back."""
    names = ("slug", "title", "content", "html", "excerpt", "category", "tags", "is_published")
    return {
        "articles": sorted([getattr(row, name) for name in names] for row in stored(Article)),
        "categories": sorted((row.slug, row.title) for row in stored(ArticleCategory)),
        "pictures": sorted(
            (row.name, row.content_type, kb.picture_content(row.storage_name))
            for row in stored(Picture)
        ),
        "ids": sorted(row["source_id"] or "" for row in stand(ArticleSource)["article_sources"]),
    }


@SQLITE
def test_a_second_export_brings_the_folder_up_to_date(
    database: db.Database, tmp_path: Path
) -> None:
    take(center(tmp_path / "tree"))
    export(tmp_path / "out")
    first = files(tmp_path / "out")
    assert counts(export(tmp_path / "out")) == (0, 0, 5, 0)
    assert files(tmp_path / "out") == first
    with db.unit_of_work() as session:
        for slug in ("fees", "accounts", "accounts-2"):
            found = kb.get(session, slug, actor=operator())
            kb.delete_article(session, found, actor=operator())
    edit("soon", content="Now.")
    assert counts(export(tmp_path / "out")) == (0, 2, 0, 0)
    assert not (tmp_path / "out/about_us").exists()


@SQLITE
def test_files_of_others_are_never_touched(database: db.Database, tmp_path: Path) -> None:
    take(center(tmp_path / "tree"))
    mine = write(tmp_path / "mine", {"notes.txt": "mine"})
    ran = export(mine)
    assert ran.code == 5
    assert "notes.txt" in ran.err
    assert files(mine) == {"notes.txt": b"mine"}
    export(tmp_path / "out")
    write(tmp_path / "out", {"store_support/mine.md": "mine"})
    assert export(tmp_path / "out").code == 5
    (tmp_path / "out/store_support/mine.md").unlink()
    (tmp_path / "out/link").symlink_to(mine)
    assert export(tmp_path / "out").code == 5
    listed = {"files": ["../mine/notes.txt", "link"]}
    write(tmp_path / "out", {".supportdesk-export.json": json.dumps(listed)})
    assert export(tmp_path / "out").code == 5
    assert files(mine) == {"notes.txt": b"mine"}


@SQLITE
def test_names_of_an_export_suit_every_system(database: db.Database, tmp_path: Path) -> None:
    body = "![a](<img/a?b.png>) ![b](<img/A:B.PNG>) ![c](img/con.png) ![d](<img/…/d.png>)"
    write(
        tmp_path / "tree",
        {
            "A/con.md": page("Con", body, slug="con"),
            "A/img/a?b.png": picture(seed=1),
            "A/img/A:B.PNG": picture(seed=2),
            "A/img/con.png": picture(seed=3),
            "A/img/…/d.png": picture(seed=4),
        },
    )
    ran = take(tmp_path / "tree")
    assert ran.json["problems"] == []
    export(tmp_path / "out")
    assert set(files(tmp_path / "out")) == {
        ".supportdesk-export.json", "a/con_.md", "a/img/a-b.png", "a/img/A-B-2.png",
        "a/img/con_.png", "a/img/d.png",
    }  # fmt: skip
    assert counts(take(tmp_path / "out")) == (0, 0, 1, 0)


@SQLITE
def test_a_picture_that_is_gone_is_said(database: db.Database, tmp_path: Path) -> None:
    take(center(tmp_path / "tree"))
    for path in (settings.current().data_dir / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    ran = export(tmp_path / "out")
    assert ran.code == 1
    assert "is gone" in said(ran)["store_support/return-an-item.md"]


def test_an_export_is_recorded_and_for_staff_only(database: db.Database, tmp_path: Path) -> None:
    person(Role.MEMBER, email="member@example.com")
    person(Role.SUPPORT, email="agent@example.com")
    take(center(tmp_path / "tree"))
    assert run("kb", "export", str(tmp_path / "o"), "--as", "member@example.com").code == 4
    assert not (tmp_path / "o").exists()
    assert run("kb", "export", str(tmp_path / "o"), "--as", "agent@example.com").code == 0
    assert len(stored(AuditEntry, action="export.articles")) == 1
