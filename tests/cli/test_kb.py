"""``supportctl kb``: articles from a folder of Markdown, and back to one."""

import os
from pathlib import Path

import pytest

from models import db, kb, settings
from models.actor import Role, operator
from models.kb.tables import Article, ArticleCategory, ArticlePicture, ArticleSource
from tests.cli.terminal import program, run
from tests.cli.trees import (
    EVERYTHING,
    article,
    center,
    counts,
    edit,
    files,
    page,
    said,
    stand,
    take,
    write,
)
from tests.models.world import audited, person, stored

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_tree_becomes_articles(database: db.Database, tmp_path: Path) -> None:
    ran = take(center(tmp_path / "tree"))
    assert (ran.code, counts(ran)) == (0, (5, 0, 0, 0))
    assert set(ran.json) == {"created", "updated", "unchanged", "skipped", "problems"}
    returned = article("return-an-item")
    assert (returned.category, returned.tags) == ("store_support", ["Returns"])
    assert {row.title for row in stored(ArticleCategory)} == {"Store Support", "About us"}
    assert returned.is_published
    assert not article("soon").is_published
    assert {article("accounts").title, article("accounts-2").title} == {"Accounts"}
    assert said(ran) == {
        "Store Support/Returns/Return-an-item.md": (
            "line 9: The link to ../Soon.md leads to a draft.\n"
            "line 24: There is no picture img/gone.png.\n"
        )
    }
    assert [row.action for row in audited(returned.id)] == ["article.create", "article.publish"]


@SQLITE
def test_links_work_whatever_the_order_of_the_files(database: db.Database, tmp_path: Path) -> None:
    take(center(tmp_path / "tree"))
    returned, fees = article("return-an-item"), article("fees")
    for address in ("/help/fees#kb-why", "/help/accounts#kb-junior", "#kb-request-a-return"):
        assert f'href="{address}"' in returned.html
    assert 'href="https://help.example.com/hc/en-us/articles/99"' in returned.html
    assert 'href="/help/soon"' in returned.html
    assert '<h2 id="kb-request-a-return">How to return</h2>' in returned.html
    assert 'href="/help/return-an-item#kb-request-a-return"' in fees.html
    assert 'id="kb-why"' in fees.html
    assert "`[code](../../About us/Fees.md)`" in returned.content
    assert "{" not in returned.html
    assert "[!NOTE]" not in returned.html


@SQLITE
def test_a_second_import_changes_nothing(database: db.Database, tmp_path: Path) -> None:
    tree = center(tmp_path / "tree")
    take(tree)
    before = stand(*EVERYTHING)
    kept = files(settings.current().data_dir / "files")
    again = take(tree)
    assert (again.code, counts(again)) == (0, (0, 0, 5, 0))
    assert stand(*EVERYTHING) == before
    assert files(settings.current().data_dir / "files") == kept


def test_a_rehearsal_writes_nothing_and_says_the_same(
    database: db.Database, tmp_path: Path
) -> None:
    tree = center(tmp_path / "tree")
    before = stand(*EVERYTHING)
    rehearsed = take(tree, "--dry-run")
    assert stand(*EVERYTHING) == before
    assert not (settings.current().data_dir / "files").exists()
    assert rehearsed.json == take(tree).json
    assert take(tree, "--dry-run").json == take(tree).json


def test_a_changed_file_changes_its_article(database: db.Database, tmp_path: Path) -> None:
    tree = center(tmp_path / "tree")
    take(tree)
    before = article("fees")
    write(tree, {"About us/Fees.md": page("All fees", "New words.", id=16)})
    ran = take(tree)
    assert counts(ran) == (0, 1, 4, 0)
    after = article("fees")
    assert (after.id, after.title, after.version) == (before.id, "All fees", before.version + 1)
    assert [row.action for row in audited(after.id)][2:] == ["article.update"]


def test_an_article_that_was_edited_here_is_kept_until_its_file_changes(
    database: db.Database, tmp_path: Path
) -> None:
    tree = center(tmp_path / "tree")
    take(tree)
    edit("fees", content="Better words.")
    ran = take(tree)
    assert (ran.code, counts(ran)) == (0, (0, 0, 4, 1))
    assert "was edited here since" in said(ran)["About us/Fees.md"]
    assert article("fees").content == "Better words."
    write(tree, {"About us/Fees.md": page("Fees", "The newest words.", id=16)})
    assert counts(take(tree)) == (0, 1, 4, 0)
    assert article("fees").content == "The newest words."


@SQLITE
def test_a_deleted_article_stays_deleted_until_its_file_changes(
    database: db.Database, tmp_path: Path
) -> None:
    tree = center(tmp_path / "tree")
    take(tree)
    with db.unit_of_work() as session:
        found = kb.get(session, "fees", actor=operator())
        kb.delete_article(session, found, actor=operator())
    assert found.id not in {row["article_id"] for row in stand(ArticlePicture)["article_pictures"]}
    ran = take(tree)
    assert counts(ran) == (0, 1, 3, 1)  # whoever links to it links to its source again
    assert "was deleted here" in said(ran)["About us/Fees.md"]
    write(tree, {"About us/Fees.md": page("Fees", "Back again.", id=16)})
    assert take(tree).json["created"] == 1
    assert article("fees").id != found.id


@SQLITE
def test_a_file_is_known_by_slug_then_id_then_path(database: db.Database, tmp_path: Path) -> None:
    tree = write(
        tmp_path / "tree",
        {
            "A/slug.md": page("One", slug="the-one", id=1),
            "A/id.md": page("Two", id=2),
            "A/path.md": page("Three"),
        },
    )
    take(tree)
    ids = {row.title: row.id for row in stored(Article)}
    (tree / "A/slug.md").rename(tree / "A/other.md")
    (tree / "A/id.md").rename(tree / "A/another.md")
    write(
        tree,
        {
            "A/other.md": page("One!", slug="the-one"),
            "A/another.md": page("Two!", slug="second", id=2),
            "A/path.md": page("Three!"),
        },
    )
    assert counts(take(tree)) == (0, 3, 0, 0)
    assert {row.title.strip("!"): row.id for row in stored(Article)} == ids
    assert article("second").title == "Two!"


@SQLITE
def test_where_an_article_is_put(database: db.Database, tmp_path: Path) -> None:
    tree = write(
        tmp_path / "tree",
        {
            "Guides/Deep/Deeper/a.md": page("A", tags="[one, Deep]"),
            "Guides/b.md": page("B", category="Billing"),
            "日本/c.md": page("C"),
            "中国/d.md": page("D"),
        },
    )
    take(tree)
    assert (article("a").category, article("a").tags) == ("guides", ["one", "Deep", "Deeper"])
    assert article("b").category == "billing"
    assert article("c").category != article("d").category
    assert counts(take(tree, "--category", "billing")) == (0, 3, 1, 0)
    assert {row.category for row in stored(Article)} == {"billing"}


@SQLITE
def test_a_draft_is_never_published_and_a_published_one_is_taken_back(
    database: db.Database, tmp_path: Path
) -> None:
    tree = write(tmp_path / "tree", {"A/a.md": page("A")})
    run("kb", "import", str(tree))
    assert not article("a").is_published
    take(tree)
    assert article("a").is_published
    assert run("kb", "import", str(tree), "--json").json["unchanged"] == 1
    write(tree, {"A/a.md": page("A", draft="true")})
    assert counts(take(tree)) == (0, 1, 0, 0)
    assert not article("a").is_published


BAD: dict[str, tuple[str | bytes, str]] = {
    "no-head.md": ("Only words.", "There is no front matter"),
    "no-title.md": ("---\nid: 1\n---\nWords.", "title: Please fill this in."),
    "odd-title.md": ("---\ntitle: yes\n---\nWords.", "title: Please write words here"),
    "bad-yaml.md": ("---\ntitle: a\nb: [\n---\nWords.", "line 4: The front matter is no YAML"),
    "tag.md": ("---\ntitle: !!python/object:os.system a\n---\nW.", "The front matter is no YAML"),
    "day.md": ("---\ntitle: 2026-13-45\n---\nWords.", "The front matter is no YAML"),
    "list.md": ("---\n- a\n---\nWords.", "The front matter must be lines"),
    "deep.md": ("---\ntitle: " + "[" * 9000 + "\n---\nW.", "The front matter is no YAML"),
    "long-head.md": (f"---\ntitle: a\nx: {'y' * 20_001}\n---\nW.", "longer than 20,000 characters"),
    "long-title.md": (page("x" * 201), "title: Please use at most 200 characters; this has 201."),
    "blank-title.md": (page("\u200b\u2060 "), "title: "),
    "two-lines.md": (page("a\\u2028b"), "title: Please write this on one line."),
    "long.md": (
        page("L", "x" * 200_001),
        "content: Please use at most 200,000 characters",
    ),
    "empty.md": ("---\ntitle: E\n---\n\n", "content: Please write something here."),
    "huge.md": (b"---\ntitle: H\n---\n" + b"x" * 1_000_000, "larger than 1,000,000 bytes"),
    "binary.md": (b"---\ntitle: N\n---\na\0b", "binary file, or it contains a NUL"),
    "no-utf8.md": (b"---\ntitle: U\n---\nok\n\xff\xfe", "line 5: This is no UTF-8 text"),
    "surrogate.md": (b"---\ntitle: S\n---\n\xed\xa0\x80", "line 4: This is no UTF-8 text"),
    "bad-slug.md": (page("S", slug="../../etc"), "slug: Please use small letters"),
    "bad-tags.md": (page("S", tags="[" + "t" * 51 + "]"), "tags.0: Please use at most 50"),
    "bad-draft.md": (page("S", draft="perhaps"), "draft: "),
}


def test_a_bad_file_is_named_and_the_others_are_taken(
    database: db.Database, tmp_path: Path
) -> None:
    tree = write(tmp_path / "tree", {f"A/{name}": text for name, (text, _) in BAD.items()})
    write(tree, {"A/good.md": page("Good"), "no-folder.md": page("Nowhere")})
    os.mkfifo(tree / "A/pipe.md")
    (tree / "A/secret.md").symlink_to("/etc/passwd")
    (tree / "Elsewhere").symlink_to("/etc")
    ran = take(tree)
    assert (ran.code, counts(ran)) == (1, (1, 0, 0, len(BAD) + 4))
    found = said(ran)
    for name, (_, sentence) in BAD.items():
        assert sentence in found[f"A/{name}"], name
    assert found["no-folder.md"].startswith("category: ")
    assert "This is no file." in found["A/pipe.md"]
    assert "not followed" in found["A/secret.md"]
    assert "not followed" in found["Elsewhere"]
    assert [row.title for row in stored(Article)] == ["Good"]


@SQLITE
def test_two_files_cannot_be_one_article(database: db.Database, tmp_path: Path) -> None:
    tree = write(
        tmp_path / "tree",
        {
            "A/a.md": page("A", id=1),
            "A/b.md": page("B", id=1),
            "A/c.md": page("C", slug="c"),
            "A/d.md": page("D", slug="c"),
        },
    )
    ran = take(tree)
    assert (ran.code, counts(ran)) == (1, (2, 0, 0, 2))
    assert said(ran)["A/b.md"] == "The file A/a.md has the same id 1.\n"
    assert said(ran)["A/d.md"] == "The file A/c.md has the same slug c.\n"
    moved = write(tmp_path / "moved", {"A/a.md": page("A", id=1), "A/e.md": page("E", slug="a")})
    assert said(take(moved))["A/e.md"] == "The file A/a.md is the same article, a.\n"


@SQLITE
def test_names_and_words_of_all_scripts_come_in_and_go_out(
    database: db.Database, tmp_path: Path
) -> None:
    words = "日本語 \u202eevil\u202c 👩‍👩‍👧 e\u0301 \U0010ffff {{7*7}} %s ${x}"
    tree = write(
        tmp_path / "tree",
        {"Ünï/Grüße 😀 & co.md": page(words.replace("\u202e", ""), words, excerpt=f'"{words}"')},
    )
    ran = take(tree)
    assert (ran.code, counts(ran)) == (0, (1, 0, 0, 0))
    assert run("kb", "export", str(tmp_path / "out")).code == 0
    assert counts(take(tmp_path / "out")) == (0, 0, 1, 0)
    (made,) = stored(Article)
    assert made.content == words


@SQLITE
def test_a_terminal_is_not_steered_by_names(database: db.Database, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"A/\x1b]0;x\x07\r.md": "no"})
    ran = run("kb", "import", str(tree))
    assert ran.code == 1
    assert "\x1b" not in ran.err
    assert r"\x1b]0;x" in ran.err
    assert ran.out == "0 created, 0 updated, 0 unchanged, 1 skipped\n"


@SQLITE
def test_a_name_that_is_no_utf8_is_shown(database: db.Database, tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "A") + b"/\xff.md")).write_text(page("Odd"))
    ran = take(tmp_path)
    assert (ran.code, counts(ran)) == (0, (1, 0, 0, 0))
    assert stand(ArticleSource)["article_sources"][0]["path"] == "A/\ufffd.md"


@pytest.mark.parametrize("folder", ["there-is-none", "../..\n", "file.md"])
@SQLITE
def test_what_is_no_folder_is_a_mistake_of_the_line(
    database: db.Database, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "file.md").touch()
    assert run("kb", "import", str(tmp_path / folder)).code == 2
    assert run("kb", "export", str(tmp_path / "file.md")).code == 2


def test_only_writers_of_articles_import(database: db.Database, tmp_path: Path) -> None:
    person(Role.SUPPORT, email="agent@example.com")
    person(Role.ADMIN, email="admin@example.com")
    tree = center(tmp_path / "tree")
    for more in ((), ("--dry-run",)):
        assert take(tree, "--as", "agent@example.com", *more).code == 4
    assert take(tree, "--as", "nobody@example.com").code == 3
    assert not stored(Article)
    assert not stored(ArticleCategory)
    assert take(tree, "--as", "admin@example.com").code == 0
    (admin,) = stored(kb.Article, slug="fees")
    assert [row.actor_id for row in audited(admin.id)] == [admin.author_id] * 2


@SQLITE
def test_progress_is_for_terminals(database: db.Database, tmp_path: Path) -> None:
    tree = write(tmp_path / "tree", {"A/a.md": page("A")})
    ran = program("kb", "import", str(tree))
    assert (ran.code, ran.err) == (0, "")
