"""Quick issues and both kinds of categories: made, changed, deleted, and refused."""

import pytest

from tests.backoffice.world import BASE, ISSUE, World, elements, everything, words

VALID = {
    "quick-issues": {**ISSUE, "isActive": "true", "icon": "🔌", "sortOrder": "3"},
    "article-categories": {"title": "Plugins", "slug": "plugins", "sortOrder": "3"},
    "ticket-categories": {"title": "Plugins", "slug": "plugins", "sortOrder": "3"},
}
WRONG = {
    "quick-issues": {
        "title": "x" * 121, "description": "x" * 301, "suggestedType": "x",
        "suggestedCategory": "x", "articleSlug": "x" * 101, "icon": "x" * 21, "sortOrder": "many",
    },
    "article-categories": {"title": "x" * 81, "slug": "Not A Slug", "sortOrder": "99999999999"},
    "ticket-categories": {"title": "x" * 81, "slug": "x" * 61, "sortOrder": "1.5"},
}  # fmt: skip


@pytest.mark.parametrize("kind", VALID)
def test_a_row_is_made_changed_and_deleted(world: World, kind: str) -> None:
    admin = world.browser("admin")
    assert admin.post(f"/{kind}/new", **VALID[kind]).headers["location"] == (
        f"{BASE}/{kind}?done=created"
    )
    page = admin.get(f"/{kind}")
    title = VALID[kind]["title"]
    edit = [a["href"] for a in elements(page, "a") if a.get("href", "").endswith("/edit")][-1]
    assert title in words(page)

    page = admin.client.get(edit)
    shown = {item.get("name"): item.get("value") for item in elements(page, "input")}
    assert shown["title"] == title
    sent = admin.send(edit, {**VALID[kind], "title": "Renamed"})
    assert sent.headers["location"] == f"{BASE}/{kind}?done=saved"
    assert "Renamed" in words(admin.get(f"/{kind}"))

    delete = edit.replace("/edit", "/delete")
    assert "This will be deleted: Renamed" in words(admin.client.get(delete))
    assert admin.send(delete).headers["location"] == f"{BASE}/{kind}?done=deleted"
    assert "Renamed" not in words(admin.get(f"/{kind}"))


@pytest.mark.parametrize("kind", WRONG)
def test_a_refused_row_comes_back_filled_in(world: World, kind: str) -> None:
    admin = world.browser("admin")
    before = everything()
    for name, wrong in WRONG[kind].items():
        page = admin.post(f"/{kind}/new", **{**VALID[kind], name: wrong})
        assert page.status_code == 422, name
        found = [*elements(page, "input"), *elements(page, "select")]
        assert [item["name"] for item in found if item.get("aria-invalid")] == [name]
        assert wrong in page.text
    assert everything() == before


def test_an_unticked_box_is_no(world: World) -> None:
    admin = world.browser("admin")
    admin.post("/quick-issues/new", **ISSUE)
    page = admin.get("/quick-issues")
    assert "Gateway 0 No" in words(page) or "gateway 0 No" in words(page)
    edit = [a["href"] for a in elements(page, "a") if a.get("href", "").endswith("/edit")][-1]
    boxes = [i for i in elements(admin.client.get(edit), "input") if i.get("type") == "checkbox"]
    assert ["checked" in box for box in boxes] == [False]


def test_a_category_in_use_stays(world: World) -> None:
    world.ticket()
    world.article()
    admin = world.browser("admin")
    for kind, used in (("ticket-categories", "Gateway"), ("article-categories", "Getting started")):
        page = admin.get(f"/{kind}")
        links = [a["href"] for a in elements(page, "a") if a.get("href", "").endswith("/delete")]
        before = everything()
        for link in links:
            if used in words(admin.client.get(link)):
                answer = admin.send(link)
                assert answer.status_code == 409
                assert "Move them first." in words(answer)
        assert everything() == before


@pytest.mark.parametrize("kind", VALID)
def test_an_agent_has_no_settings(world: World, kind: str) -> None:
    agent = world.browser("support")
    before = everything()
    assert agent.get(f"/{kind}").status_code == 403
    assert agent.post(f"/{kind}/new", **VALID[kind]).status_code == 403
    after = everything()
    assert {name: rows for name, rows in before.items() if name != "audit_entries"} == {
        name: rows for name, rows in after.items() if name != "audit_entries"
    }
