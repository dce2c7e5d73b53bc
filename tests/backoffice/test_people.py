"""Looking people up, what administrators may do with them, and the audit log."""

import pytest

from models import db, users
from models.actor import Role, operator
from tests.backoffice.world import BASE, World, elements, everything, words


def _role(world: World, name: str) -> str:
    with db.reading() as session:
        return users.get(session, world.ids[name], actor=operator()).role


def test_people_are_found_by_part_of_the_address_and_by_name(world: World) -> None:
    agent = world.browser("support")
    for query in ("other@example.com", "othe", "Other"):
        page = agent.get("/users", q=query)
        links = [row["data-href"] for row in elements(page, "tr") if "data-href" in row]
        assert links == [f"{BASE}/users/{world.ids['other']}"]
    assert "Nobody is found." in words(agent.get("/users", q="xyz"))
    page = agent.get("/users", role="ADMIN")
    assert len([row for row in elements(page, "tr") if "data-href" in row]) == 1
    assert agent.get("/users", role="ROOT").status_code == 400


def test_a_persons_page_shows_account_tickets_and_log(world: World) -> None:
    number = world.ticket()
    page = world.browser("support").get(f"/users/{world.ids['member']}")
    text = words(page)
    for shown in ("member@example.com", "Plan Free", number, "Ticket create"):
        assert shown in text
    assert f"{BASE}/audit" not in page.text
    linked = world.browser("admin").get(f"/users/{world.ids['member']}")
    assert f"{BASE}/audit?subject={world.ids['member']}" in linked.text


def test_an_administrator_gives_a_role(world: World) -> None:
    admin = world.browser("admin")
    sent = admin.post(f"/users/{world.ids['member']}/role", role="SUPPORT")
    assert sent.headers["location"] == f"{BASE}/users/{world.ids['member']}?done=role"
    assert _role(world, "member") == "SUPPORT"


@pytest.mark.parametrize("role", ["ADMIN", "SUPER_ADMIN"])
def test_an_administrator_gives_no_role_of_administrators(world: World, role: str) -> None:
    admin = world.browser("admin")
    assert admin.post(f"/users/{world.ids['member']}/role", role=role).status_code == 403
    assert admin.post(f"/users/{world.ids['super']}/role", role="MEMBER").status_code == 403
    assert _role(world, "member") == Role.MEMBER
    assert _role(world, "super") == Role.SUPER_ADMIN
    assert "Deactivate" not in words(admin.get(f"/users/{world.ids['super']}"))
    assert admin.post(f"/users/{world.ids['super']}/deactivate").status_code == 403


def test_the_last_super_admin_stays(world: World) -> None:
    browser = world.browser("super")
    page = browser.post(f"/users/{world.ids['super']}/role", role="MEMBER")
    assert page.status_code == 409
    assert "the last SUPER_ADMIN" in words(page)
    assert browser.post(f"/users/{world.ids['super']}/deactivate").status_code == 409
    assert _role(world, "super") == Role.SUPER_ADMIN


def test_deactivating_can_be_undone(world: World) -> None:
    admin, person = world.browser("admin"), world.ids["member"]
    assert "Deactivate Member" in words(admin.get(f"/users/{person}"))
    admin.post(f"/users/{person}/deactivate")
    page = words(admin.get(f"/users/{person}"))
    assert "Reactivate Member" in page
    admin.post(f"/users/{person}/reactivate")
    assert "Deactivate Member" in words(admin.get(f"/users/{person}"))


def test_an_agent_changes_nobody(world: World) -> None:
    agent, person = world.browser("support"), world.ids["member"]
    text = words(agent.get(f"/users/{person}"))
    assert "Change the role" not in text
    assert "Deactivate" not in text
    before = everything()["users"]
    for deed in ("role", "deactivate", "reactivate"):
        assert agent.post(f"/users/{person}/{deed}", role="SUPPORT").status_code == 403
    assert everything()["users"] == before


@pytest.mark.parametrize("role", ["ROOT", "", "admin", "%00"])
def test_a_wrong_role_is_said_at_its_field(world: World, role: str) -> None:
    page = world.browser("super").post(f"/users/{world.ids['member']}/role", role=role)
    assert page.status_code == 422
    (wrong,) = [item for item in elements(page, "select") if item.get("aria-invalid")]
    assert wrong["name"] == "role"


def test_the_audit_log_is_for_administrators(world: World) -> None:
    world.ticket(title="x")
    assert world.browser("support").get("/audit").status_code == 403
    page = world.browser("admin").get("/audit")
    assert "Ticket create" in words(page)
    newest_first = [item["datetime"] for item in elements(page, "time")]
    assert newest_first == sorted(newest_first, reverse=True)
    one = world.browser("admin").get("/audit", subject=world.ids["member"])
    assert "Ticket create" in words(one)
    assert "Ticket category" not in words(one)


def test_the_audit_log_is_paged(world: World) -> None:
    for _ in range(3):
        world.ticket()
    page = world.browser("admin").get("/audit", pageSize="2")
    assert len(elements(page, "tr")) == 3
    assert "Page 1 of" in words(page)
