"""Writing articles: slugs old and new, publishing, deleting, two writers at once."""

from typing import Any

import pytest

from models import db, deeds, kb
from models.actor import Actor, Role
from models.errors import Invalid, NotFound, NotPermitted, NotSignedIn, Stale, Taken
from models.kb import Article, ArticleCategory, ArticleDeed, FormerSlug, queries
from tests.models.world import (
    OPERATOR,
    Clock,
    article,
    audited,
    on_article,
    person,
    rewrite,
    stored,
    together,
    visitor,
)


def slug_of(article_id: str) -> str:
    return stored(Article, id=article_id)[0].slug


def target(slug: str) -> str | None:
    with db.reading() as session:
        return kb.former_slug_target(session, slug)


def read(slug: str, actor: Actor | None = None) -> Article:
    with db.reading() as session:
        return kb.article_by_slug(session, slug, actor=actor or visitor())


def test_a_new_article_is_a_draft(house: db.Database, clock: Clock) -> None:
    writer = person(Role.ADMIN)
    made = stored(Article, id=article("Hello *you*", publish=False, actor=writer))[0]
    assert (made.slug, made.is_published, made.published_at, made.version) == (
        "hello-you", False, None, 1,
    )  # fmt: skip
    assert (made.view_count, made.helpful_count, made.not_helpful_count) == (0, 0, 0)
    assert (made.author_id, made.created_at) == (writer.user_id, clock.moment)
    assert made.html == "<p>Press the <em>green</em> button.</p>"
    assert made.excerpt == "Press the green button."
    assert [row.action for row in audited(made.id)] == ["article.create"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("First steps", "first-steps"),
        ("Über Grüße & Straße", "uber-grusse-strasse"),
        ("日本語", "article"),
        ("😀😀", "article"),
        ("x" * 200, "x" * 80),
    ],
)
def test_the_slug_is_made_from_the_title(house: db.Database, title: str, slug: str) -> None:
    assert slug_of(article(title)) == slug


def test_the_same_title_again_gets_a_number(house: db.Database) -> None:
    assert [slug_of(article()) for _ in range(3)] == [
        "first-steps", "first-steps-2", "first-steps-3",
    ]  # fmt: skip


def test_a_chosen_slug_must_be_free(house: db.Database) -> None:
    article(slug="steps")
    for publish in (True, False):
        with pytest.raises(Taken) as refused:
            article(slug="steps", publish=publish)
        assert refused.value.field == "slug"
    other = article("Other")
    with pytest.raises(Taken):
        rewrite(other, slug="steps")
    assert slug_of(other) == "other"


@pytest.mark.parametrize("slug", ["A b", "a_b", "-a", "a--b", "ä", "a/b", "x" * 101, "a\0b"])
def test_what_is_no_slug(slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        deeds.read(ArticleDeed, {"title": "T", "content": "c", "category": "x", "slug": slug})
    assert list(refused.value.fields) == ["slug"]


def test_a_former_slug_leads_to_the_present_one(house: db.Database) -> None:
    made = article(slug="one")
    rewrite(made, slug="two")
    rewrite(made, slug="three")
    assert (target("one"), target("two"), target("three")) == ("three", "three", None)
    with pytest.raises(NotFound):
        read("one")
    rewrite(made, slug="one")
    assert (target("one"), target("two"), target("three")) == (None, "one", "one")
    on_article(made, kb.unpublish)
    assert target("two") is None, "nobody learns of a draft"


def test_a_slug_nobody_read_leaves_no_trace(house: db.Database) -> None:
    made = article(slug="one", publish=False)
    rewrite(made, slug="two")
    assert stored_slugs() == {}


def stored_slugs() -> dict[str, str]:
    from sqlalchemy import select

    with db.reading() as session:
        return {row.slug: row.article_id for row in session.scalars(select(FormerSlug))}


def test_a_former_slug_can_be_taken_over(house: db.Database) -> None:
    first = article(slug="one")
    rewrite(first, slug="two")
    second = article("Another", slug="one")
    assert read("one").id == second
    rewrite(second, slug="three")
    assert target("one") == "three", "whoever had it last"
    rewrite(first, slug="one")
    assert read("one").id == first
    assert slug_of(article("One")) == "one-2"


def test_a_generated_slug_does_not_take_a_former_one(house: db.Database) -> None:
    made = article()
    rewrite(made, slug="other")
    assert slug_of(article()) == "first-steps-2"


def test_fifty_articles_of_one_title_at_once(house: db.Database) -> None:
    deed = ArticleDeed(title="First steps", content="x", category="getting_started")

    def create(_number: int) -> str:
        with db.unit_of_work() as session:
            return kb.create_article(session, deed, actor=OPERATOR).slug

    slugs = together(50, create)
    assert set(slugs) == {"first-steps", *(f"first-steps-{n}" for n in range(2, 51))}
    assert sorted(row.number for row in stored(Article)) == list(range(1, 51))


def test_the_second_of_two_writers_is_told(house: db.Database) -> None:
    made = article(publish=False)
    rewrite(made, version=1, title="Mine")
    with pytest.raises(Stale):
        rewrite(made, version=1, title="Yours")
    assert stored(Article)[0].title == "Mine"
    rewrite(made, version=2, title="Yours")


def test_of_many_writers_at_once_one_wins(house: db.Database) -> None:
    made = article(publish=False)
    outcome = together(8, lambda n: rewrite(made, version=1, title=f"Title {n}"))
    assert outcome.count(None) == 1
    assert {type(one) for one in outcome if one is not None} == {Stale}


def test_publishing_and_taking_back(house: db.Database, clock: Clock) -> None:
    made = article(publish=False)
    with pytest.raises(NotFound):
        read("first-steps")
    first = clock.forward(minutes=1)
    for _ in range(2):
        on_article(made, kb.publish)
    assert read("first-steps").published_at == first
    clock.forward(minutes=1)
    for _ in range(2):
        on_article(made, kb.unpublish)
    clock.forward(minutes=1)
    on_article(made, kb.publish)
    assert read("first-steps").published_at == first
    assert [row.action for row in audited(made)] == [
        "article.create", "article.publish", "article.unpublish", "article.publish",
    ]  # fmt: skip


def test_deleting(house: db.Database) -> None:
    made = article(slug="gone")
    rewrite(made, slug="here")
    on_article(made, kb.delete_article)
    agent = person(Role.SUPPORT)
    with db.reading() as session:
        for slug in ("gone", "here", made):
            with pytest.raises(NotFound):
                kb.article_by_slug(session, slug, actor=agent)
            with pytest.raises(NotFound):
                kb.get(session, slug, actor=agent)
            assert kb.former_slug_target(session, slug) is None
        assert kb.search(session, "green", actor=agent).total == 0
        assert kb.all_articles(session, kb.ArticleFilter(), actor=agent).total == 0
        assert list(queries.all_rows(session, actor=agent)) == []
        assert kb.categories_with_counts(session, actor=agent) == []
    assert audited(made)[-1].data["slug"] == "here"
    assert slug_of(article("Here")) == "here", "the slug is free again"


def test_nothing_can_be_done_to_a_deleted_article(house: db.Database) -> None:
    made = article()
    on_article(made, kb.delete_article)
    again = ArticleDeed(title="Back", content="y", category="getting_started")
    all_deeds: list[tuple[Any, ...]] = [
        (kb.publish,), (kb.delete_article,), (kb.update_article, again),
    ]  # fmt: skip
    for deed, *args in all_deeds:
        with pytest.raises(NotFound):
            on_article(made, deed, *args)
    with db.unit_of_work() as session, pytest.raises(NotFound):
        kb.vote(session, session.get_one(Article, made), True, visitor="v", actor=visitor())
    with db.reading() as session:
        assert kb.search(session, "back", actor=OPERATOR).total == 0


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.SUPPORT])
def test_only_administrators_write(house: db.Database, role: Role | None) -> None:
    actor = visitor() if role is None else person(role)
    refusal = NotSignedIn if role is None else NotPermitted
    made = article()
    written = ArticleDeed(title="Mine", content="x", category="getting_started")
    category = kb.CategoryDeed(slug="mine", title="Mine")
    deeds_on_article: list[tuple[Any, ...]] = [
        (kb.update_article, written), (kb.publish,), (kb.unpublish,), (kb.delete_article,),
    ]  # fmt: skip
    for deed, *args in deeds_on_article:
        with pytest.raises(refusal):
            on_article(made, deed, *args, actor=actor)
    with db.unit_of_work() as session:
        row = session.get_one(ArticleCategory, stored(ArticleCategory)[0].id)
        with pytest.raises(refusal):
            kb.create_article(session, written, actor=actor)
        with pytest.raises(refusal):
            kb.create_category(session, category, actor=actor)
        with pytest.raises(refusal):
            kb.update_category(session, row, category, actor=actor)
        with pytest.raises(refusal):
            kb.delete_category(session, row, actor=actor)
    assert [row.action for row in audited(made)] == ["article.create", "article.publish"]
    assert stored(Article)[0].version == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 201), ("content", " \n"), ("content", "x" * 200_001),
        ("excerpt", "x" * 301), ("tags", ["x"] * 21), ("tags", ["x" * 51]), ("category", "a\0b"),
        ("isPublished", True), ("viewCount", 9), ("authorId", "me"),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_is_said_at_its_field(field: str, value: object) -> None:
    given = {"title": "T", "content": "c", "category": "getting_started", field: value}
    with pytest.raises(Invalid) as refused:
        deeds.read(ArticleDeed, given)
    assert [name.split(".")[0] for name in refused.value.fields] == [field]


def test_an_unknown_category_is_said_at_its_field(house: db.Database) -> None:
    with pytest.raises(Invalid) as refused:
        article(category="none")
    assert list(refused.value.fields) == ["category"]


def test_tags_are_kept_once_each(house: db.Database) -> None:
    made = article(tags=["Bot", "bot", "setup"])
    assert stored(Article, id=made)[0].tags == ["Bot", "setup"]


def test_categories(house: db.Database) -> None:
    made = article()
    row = stored(ArticleCategory, slug="getting_started")[0]
    with db.unit_of_work() as session:
        start = session.get_one(ArticleCategory, row.id)
        kb.update_category(
            session, start, kb.CategoryDeed(slug="start", title="Start"), actor=OPERATOR
        )
    assert stored(Article, id=made)[0].category == "start"
    with db.unit_of_work() as session:
        start = kb.category(session, "start")
        with pytest.raises(Taken):
            kb.update_category(
                session, start, kb.CategoryDeed(slug="gateways", title="x"), actor=OPERATOR
            )
        with pytest.raises(Taken):
            kb.create_category(session, kb.CategoryDeed(slug="start", title="x"), actor=OPERATOR)
        with pytest.raises(NotFound):
            kb.category(session, "getting_started")
    assert {entry.action for entry in audited(row.id)} == {
        "article_category.create", "article_category.update",
    }  # fmt: skip


def test_a_category_in_use_stays(house: db.Database) -> None:
    from models.errors import NotAllowedNow

    article()
    with db.unit_of_work() as session:
        with pytest.raises(NotAllowedNow, match="1 article"):
            kb.delete_category(session, kb.category(session, "getting_started"), actor=OPERATOR)
        kb.delete_category(session, kb.category(session, "gateways"), actor=OPERATOR)
    with db.reading() as session:
        assert [row.slug for row in kb.categories(session)] == ["getting_started"]
