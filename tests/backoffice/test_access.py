"""Every route has an access entry, and each role opens exactly what the entries say."""

from dataclasses import replace

import pytest
from starlette.routing import Mount, Route

import backoffice
from backoffice import access, admin
from models import settings
from models.actor import Actor, Door, Role
from tests.backoffice.world import (
    BASE,
    PEOPLE,
    World,
    addresses,
    everything,
    filled,
    refusals,
    words,
)

STAFF = [name for name, role in PEOPLE.items() if role.is_staff and name != "colleague"]
UNSAFE = [path for method, path in access.ROUTES if method == "POST"]
ADMINS = [Role.ADMIN, Role.SUPER_ADMIN]
EXPECTED = {
    "support:tickets:read": [Role.SUPPORT, *ADMINS],
    "support:tickets:write": [Role.SUPPORT, *ADMINS],
    "support:tickets:assign": [Role.SUPPORT, *ADMINS],
    "support:users:read": [Role.SUPPORT, *ADMINS],
    "support:kb:read": [Role.SUPPORT, *ADMINS],
    "support:kb:write": ADMINS,
    "manage people": ADMINS,
    "read the audit log": ADMINS,
    "staff": [Role.SUPPORT, *ADMINS],
}


def test_every_route_and_mount_has_an_access_entry() -> None:
    found = set()
    mounts = set()
    for route in backoffice.create(settings.read_settings()).routes:
        if isinstance(route, Route):
            found |= {(method, route.path) for method in (route.methods or set()) - {"HEAD"}}
        else:
            assert isinstance(route, Mount)
            mounts.add(route.path)
    assert found == access.ROUTES.keys()
    assert mounts == access.MOUNTS.keys()


def test_entries_mean_the_roles_of_the_specification() -> None:
    for entry in {*access.ROUTES.values(), *access.MOUNTS.values()}:
        allowed = [role for role in Role if entry.allows(Actor(Door.WEB, "x", role=role))]
        assert allowed == EXPECTED[entry.name], entry.name
        token = Actor(Door.API, "x", role=Role.SUPER_ADMIN, scopes=frozenset())
        assert entry.name == "staff" or not entry.allows(token)


@pytest.mark.parametrize("change", ["entry missing", "route missing"])
def test_a_difference_between_routes_and_entries_stops_the_start(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = dict(access.ROUTES)
    if change == "entry missing":
        del table["POST", "/tickets/{ref}/reply"]
    else:
        table["POST", "/tickets/{ref}/erase"] = access.STAFF
    monkeypatch.setattr(access, "ROUTES", table)
    with pytest.raises(RuntimeError, match="access table differ"):
        backoffice.create(settings.read_settings())


@pytest.mark.parametrize("name", STAFF)
def test_a_role_opens_exactly_its_pages(world: World, name: str) -> None:
    browser, refs = world.browser(name), addresses(world)
    role = world.roles[name]
    for (method, path), entry in access.ROUTES.items():
        if method == "GET":
            status = browser.get(filled(path, refs)).status_code
            assert status == (200 if role in EXPECTED[entry.name] else 403), path


@pytest.mark.parametrize("name", STAFF)
def test_a_role_is_refused_exactly_the_other_deeds(world: World, name: str) -> None:
    browser, refs, role = world.browser(name), addresses(world), world.roles[name]
    before = everything()
    for path in UNSAFE:
        answer = browser.post(filled(path, refs), nonsense="1")
        entry = access.ROUTES["POST", path]
        if role not in EXPECTED[entry.name]:
            assert answer.status_code == 403, path
        else:
            assert answer.status_code in (400, 422), path
    refused = [path for path in UNSAFE if role not in EXPECTED[access.ROUTES["POST", path].name]]
    assert len(refusals()) == len(refused)
    if role is Role.SUPPORT:
        after = everything()
        for untouched in ("kb_articles", "users", "quick_issues", "ticket_categories"):
            assert before[untouched] == after[untouched]


def test_a_refusal_names_who_what_and_where(world: World) -> None:
    article = world.article()
    world.browser("support").post(f"/kb/{article}/delete")
    (entry,) = refusals()
    assert entry.actor_id == world.ids["support"]
    assert entry.object_id == f"{BASE}/kb/{article}/delete"[:80]
    assert entry.door == Door.BACKOFFICE


@pytest.mark.parametrize("path", ["", "/", "/tickets", "/kb/new", "/static/backoffice.css", "/x"])
def test_a_member_sees_nothing_of_the_dashboard(world: World, path: str) -> None:
    browser = world.browser("member")
    page = browser.client.get(f"{BASE}{path}", follow_redirects=True)
    assert page.status_code == 403
    assert "for the support team" in words(page)
    for word in ("Unassigned", "Audit", "Sign out", "backoffice"):
        assert word not in page.text


def test_a_member_can_do_nothing(world: World) -> None:
    browser, refs = world.browser("member"), addresses(world)
    before = everything()
    for path in UNSAFE:
        assert browser.post(filled(path, refs), content="x").status_code == 403
    after = everything()
    before.pop("audit_entries")
    after.pop("audit_entries")
    assert before == after
    assert {entry.actor_id for entry in refusals()} == {world.ids["member"]}


@pytest.mark.parametrize("path", ["/", "/tickets?status=open", "/static/backoffice.css", "/x"])
def test_signed_out_people_sign_in_first_and_come_back(world: World, path: str) -> None:
    answer = world.browser().get(path)
    assert answer.status_code == 303
    target = f"{BASE}{path}".replace("?", "%3F").replace("=", "%3D")
    assert answer.headers["location"] == f"/login?next={target}"
    assert not answer.text


def test_signed_out_forms_lead_to_the_sign_in_too(world: World) -> None:
    number = world.ticket()
    before = everything()
    answer = world.browser().post(f"/tickets/{number}/reply", content="x")
    assert answer.headers["location"] == f"/login?next={BASE}"
    assert everything() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "PROMOTE"])
def test_other_methods_do_not_exist(world: World, method: str) -> None:
    number = world.ticket()
    browser = world.browser("super")
    before = everything()
    for path in ("/tickets", f"/tickets/{number}", f"/tickets/{number}/reply"):
        answer = browser.client.request(method, f"{BASE}{path}")
        assert answer.status_code == 405
        assert answer.headers["allow"]
    overridden = browser.client.post(
        f"{BASE}/tickets/{number}", headers={"X-HTTP-Method-Override": method}
    )
    assert overridden.status_code == 405
    assert everything() == before


def test_a_deactivated_agent_is_out_at_once(world: World) -> None:
    browser = world.browser("support")
    assert browser.get("/tickets").status_code == 200
    world.browser("admin").post(f"/users/{world.ids['support']}/deactivate")
    assert browser.get("/tickets").headers["location"].startswith("/login")


def test_menu_entries_are_those_that_open(world: World) -> None:
    shown = words(world.browser("support").get("/tickets"))
    assert "Unassigned" in shown
    for closed in ("New article", "Quick issues", "Audit log", "Settings"):
        assert closed not in shown
    shown = words(world.browser("admin").get("/tickets"))
    for opened in ("New article", "Quick issues", "Audit log", "Settings"):
        assert opened in shown


def test_buttons_ask_the_same_table(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    number = world.ticket()
    nobody = replace(access.WRITE_TICKETS, allows=lambda _: False)
    monkeypatch.setitem(access.ROUTES, ("POST", "/tickets/{ref}/reply"), nobody)
    browser = world.browser("support")
    assert "Send reply" not in browser.get(f"/tickets/{number}").text
    assert browser.post(f"/tickets/{number}/reply", content="x").status_code == 403


def test_the_views_are_sqladmins(world: World) -> None:
    built = admin.SupportAdmin(settings.current(), backoffice.VIEWS)
    identities = [view.identity for view in built.views if view.is_model]
    assert identities == [
        "tickets", "kb", "users", "quick-issues", "article-categories", "ticket-categories",
        "mail", "audit",
    ]  # fmt: skip
