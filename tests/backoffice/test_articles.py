"""The knowledge base for its writers: the list, the editor, publishing; read-only for agents."""

import pytest

from models import db, kb
from models.actor import operator
from tests.backoffice.world import ARTICLE, BASE, World, elements, everything, words

EDITED = {"title": "Second steps", "category": "billing", "content": "*New*", "tags": "a, b"}


def _find(ref: str) -> kb.Article:
    with db.reading() as session:
        return kb.get(session, ref, actor=operator())


def test_an_article_is_written_published_changed_and_taken_back(world: World) -> None:
    writer = world.browser("admin")
    sent = writer.post("/kb/new", **ARTICLE, tags="tutorial, beginner", slug="", excerpt="")
    assert sent.status_code == 303
    article = _find("first-steps")
    assert sent.headers["location"] == f"{BASE}/kb/{article.id}/edit?done=created"
    assert (article.tags, article.is_published) == (["tutorial", "beginner"], False)

    page = writer.client.get(sent.headers["location"])
    (link,) = [item for item in elements(page, "a") if "action/publish" in item.get("href", "")]
    page = writer.client.get(link["href"])
    assert "First steps" in words(page)
    assert not _find(article.id).is_published  # asking is not doing
    assert writer.post("/kb/action/publish", pks=article.id).status_code == 303
    assert _find(article.id).is_published
    assert world.browser().client.get("/help/first-steps").status_code == 200

    version = str(_find(article.id).version)
    sent = writer.post(f"/kb/{article.id}/edit", **EDITED, slug="second-steps", version=version)
    assert sent.headers["location"] == f"{BASE}/kb/{article.id}/edit?done=saved"
    assert _find("second-steps").html == "<p><em>New</em></p>"

    writer.post("/kb/action/unpublish", pks=article.id)
    assert not _find(article.id).is_published
    assert world.browser().client.get("/help/second-steps").status_code == 404


def test_deleting_is_confirmed_by_name(world: World) -> None:
    article, writer = world.article(), world.browser("admin")
    page = writer.get(f"/kb/{article}/delete")
    assert "This will be deleted: First steps" in words(page)
    assert writer.get(f"/kb/{article}/edit").status_code == 200
    sent = writer.post(f"/kb/{article}/delete")
    assert sent.headers["location"] == f"{BASE}/kb?done=deleted"
    assert writer.get(f"/kb/{article}/edit").status_code == 404


def test_several_articles_are_published_or_none(world: World) -> None:
    first, second = world.article(), world.article(title="Next steps")
    writer = world.browser("admin")
    before = everything()
    assert writer.post("/kb/action/publish", pks=[first, "missing"]).status_code == 404
    assert everything() == before
    page = writer.get("/kb/action/publish", pks=[first, second])
    assert "Publish: 2 articles" in words(page)
    assert writer.post("/kb/action/publish", pks=[first, second]).status_code == 303
    assert _find(first).is_published
    assert _find(second).is_published


def test_an_article_of_somebody_faster_is_not_overwritten(world: World) -> None:
    article, writer = world.article(), world.browser("admin")
    version = str(_find(article).version)
    writer.post(f"/kb/{article}/edit", **EDITED, version=version)
    page = writer.post(f"/kb/{article}/edit", **{**EDITED, "title": "Mine"}, version=version)
    assert page.status_code == 409
    assert "Somebody else changed this in the meantime." in words(page)
    assert 'value="Mine"' in page.text
    assert _find(article).title == "Second steps"


@pytest.mark.parametrize("path", ["/kb/new", "/kb/{ref}/edit"])
def test_a_refused_article_comes_back_filled_in(world: World, path: str) -> None:
    article, writer = world.article(), world.browser("admin")
    address = path.replace("{ref}", article)
    wrongs = {
        "title": "x" * 201,
        "slug": "Not A Slug",
        "category": "nonsense",
        "tags": ",".join(f"t{n}" for n in range(21)),
        "excerpt": "x" * 301,
        "content": "x" * 200_001,
    }
    before = everything()
    for name, wrong in wrongs.items():
        page = writer.post(address, **{**ARTICLE, "content": "kept **content**", name: wrong})
        assert page.status_code == 422, name
        found = [*elements(page, "input"), *elements(page, "textarea"), *elements(page, "select")]
        assert [item["name"] for item in found if item.get("aria-invalid")] == [name]
        assert name == "content" or "kept **content**" in page.text
    assert everything() == before


def test_a_slug_in_use_is_said_at_its_field(world: World) -> None:
    world.article()
    page = world.browser("admin").post("/kb/new", **ARTICLE, slug="first-steps")
    assert page.status_code == 409
    (wrong,) = [item for item in elements(page, "input") if item.get("aria-invalid")]
    assert wrong["name"] == "slug"


def test_an_agent_reads_but_is_offered_nothing(world: World) -> None:
    article, agent = world.article(), world.browser("support")
    page = agent.get(f"/kb/{article}/edit")
    assert page.status_code == 200
    assert "Administrators write it." in words(page)
    controls = [*elements(page, "input"), *elements(page, "textarea"), *elements(page, "select")]
    assert all("disabled" in item for item in controls if item.get("type") != "hidden")
    texts = [words(page), words(agent.get("/kb"))]
    for button in ("Save", "Publish", "Delete", "New article", "Unpublish"):
        assert all(button not in text.replace("Published", "") for text in texts)
    assert not [item for item in elements(agent.get("/kb"), "input") if item.get("name") == "pks"]


def test_an_agent_who_sends_the_forms_anyway_is_refused(world: World) -> None:
    article, agent = world.article(), world.browser("support")
    before = everything()["kb_articles"]
    for path in ("/kb/new", f"/kb/{article}/edit"):
        assert agent.post(path, **ARTICLE).status_code == 403
    for path in ("/kb/action/publish", "/kb/action/unpublish", f"/kb/{article}/delete"):
        assert agent.post(path, pks=article).status_code == 403
        assert agent.get(path, pks=article).status_code == 403
    assert agent.get("/kb/new").status_code == 403
    assert everything()["kb_articles"] == before


def test_the_list_filters_and_searches(world: World) -> None:
    world.article(title="Alpha gateway", published=True)
    world.article(title="Beta", category="billing")
    browser = world.browser("support")
    for query, expected in (
        ({}, {"Alpha gateway", "Beta"}),
        ({"status": "draft"}, {"Beta"}),
        ({"status": "published"}, {"Alpha gateway"}),
        ({"category": "billing"}, {"Beta"}),
        ({"q": "gateway"}, {"Alpha gateway"}),
        ({"q": "nothing"}, set()),
    ):
        page = words(browser.get("/kb", **query))
        assert {title for title in ("Alpha gateway", "Beta") if title in page} == expected
    for wrong in ("status=x", "sort=content", "category=%00"):
        assert browser.get(f"/kb?{wrong}").status_code == 400


def test_new_is_no_articles_key(world: World) -> None:
    page = world.browser("admin").get("/kb/new")
    assert "New article" in words(page)
    assert [item["name"] for item in elements(page, "textarea")] == ["content"]
