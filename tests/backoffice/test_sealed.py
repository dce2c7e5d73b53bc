"""What SQLAdmin brings and must not do here: each known hole, closed and kept closed."""

from itertools import product

import pytest
from sqladmin import ModelView
from sqlalchemy import update

import backoffice
from backoffice import access, admin
from models import db, settings, users
from tests.backoffice.world import (
    BASE,
    World,
    addresses,
    elements,
    everything,
    filled,
    words,
)

NUMBER_TOO_LARGE = "9" * 23
STOCK = [
    "/tickets/list", "/tickets/details/1", "/tickets/create", "/tickets/edit/1",
    "/tickets/export/csv", "/tickets/export/json", "/tickets/ajax/lookup?name=user&term=a",
    "/users/1/password_hash/download/", "/users/1/password_hash/preview/",
    "/tickets/1/title/download/", "/tickets/1/title/preview/", "/login", "/logout",
    "/kb-article/list", "/ticket/list", "/statics/../../models.py", "/static/../auth.py",
]  # fmt: skip


def test_sqladmins_own_pages_do_not_exist(world: World) -> None:
    browser = world.browser("super")
    for path in STOCK:
        assert browser.get(path).status_code == 404, path


@pytest.mark.parametrize("path", ["/tickets/import", "/tickets/delete?pks=1", "/login", "/logout"])
def test_sqladmins_own_deeds_do_not_exist(world: World, path: str) -> None:
    browser = world.browser("super")
    before = everything()
    for method in ("POST", "DELETE"):
        assert browser.client.request(method, f"{BASE}{path}").status_code in (404, 405)
    assert everything() == before


def test_a_title_that_names_a_file_gives_no_file(world: World) -> None:
    number = world.ticket(title="pyproject.toml")
    browser = world.browser("super")
    for verb in ("download", "preview"):
        answer = browser.get(f"/tickets/{number}/title/{verb}/")
        assert answer.status_code == 404
        assert "build-system" not in answer.text


def test_pages_change_nothing(world: World) -> None:
    refs = addresses(world)
    browser = world.browser("super")
    before = everything()
    for method, path in access.ROUTES:
        if method == "GET":
            for verb in ("GET", "HEAD"):
                answer = browser.client.request(verb, f"{BASE}{filled(path, refs)}")
                assert answer.status_code == 200, path
    assert everything() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_forms_of_other_origins_do_nothing(world: World, headers: dict[str, str]) -> None:
    refs = addresses(world)
    browser = world.browser("super", **headers)
    before = everything()
    for method, path in access.ROUTES:
        if method == "POST":
            fields = {"content": "x", "pks": refs["tickets"], "title": "x", "role": "MEMBER"}
            assert browser.post(filled(path, refs), **fields).status_code == 403, path
    assert everything() == before


WRONG_QUERIES = [
    "pageSize=-1", "pageSize=0", "pageSize=101", "pageSize=abc", "page=0", "page=-1",
    "page=abc", f"page={NUMBER_TOO_LARGE}", f"pageSize={NUMBER_TOO_LARGE}", "page=1&page=2",
    "nonsense=1", "search=%25", "sortBy=password_hash", "sort=password_hash",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/tickets", "/kb", "/users", "/audit"])
def test_a_wrong_query_is_named_and_lists_nothing(world: World, path: str) -> None:
    world.ticket(title="canary title")
    world.article(title="canary article")
    browser = world.browser("super")
    for query in WRONG_QUERIES:
        page = browser.get(f"{path}?{query}")
        assert page.status_code == 400, query
        assert query.split("=", 1)[0] in words(page)
        assert "canary" not in page.text
        assert "<table" not in page.text


WRONG_KEYS = [
    "abc", NUMBER_TOO_LARGE, "%00", "TICKET-9999", "TICKET-0", "%ff", "%ed%a0%80", "-1", "'", "*",
]  # fmt: skip


def test_a_wrong_key_is_not_found(world: World) -> None:
    browser = world.browser("super")
    paths = [path for method, path in access.ROUTES if method == "GET" and "{ref}" in path]
    assert paths
    for path, ref in product(paths, WRONG_KEYS):
        page = browser.get(path.replace("{ref}", ref))
        assert page.status_code == 404, path
        assert "Traceback" not in page.text


ACTIONS = {
    "/tickets/action/assign-to-me": "",
    "/tickets/action/resolve": "&resolution=x",
    "/tickets/action/bulk-status": "&status=closed",
    "/kb/action/publish": "",
    "/kb/action/unpublish": "",
}


def test_an_action_on_a_wrong_key_is_not_found(world: World) -> None:
    browser = world.browser("super")
    before = everything()
    for (path, rest), ref in product(ACTIONS.items(), WRONG_KEYS):
        assert browser.get(f"{path}?pks={ref}").status_code == 404, (path, ref)
        assert browser.raw(path, f"pks={ref}{rest}".encode()).status_code == 404, (path, ref)
    assert everything() == before


def test_a_deed_on_a_wrong_key_is_not_found(world: World) -> None:
    browser = world.browser("super")
    fields = {
        "/tickets/{ref}/reply": {"content": "x"},
        "/tickets/{ref}/tags": {"tags": "x"},
        "/users/{ref}/role": {"role": "MEMBER"},
        "/users/{ref}/deactivate": {},
        "/kb/{ref}/delete": {},
        "/quick-issues/{ref}/delete": {},
    }
    before = everything()
    for (path, values), ref in product(fields.items(), WRONG_KEYS):
        assert browser.post(path.replace("{ref}", ref), **values).status_code == 404, path
    assert everything() == before


def test_a_value_in_use_is_said_without_a_word_of_sql(world: World) -> None:
    browser = world.browser("admin")
    page = browser.post("/article-categories/new", title="Twice", slug="billing")
    assert page.status_code == 409
    assert "Another category has the slug billing." in words(page)
    for word in ("INSERT", "UNIQUE", "sqlite", "psycopg", "IntegrityError", "parameters"):
        assert word not in page.text


def test_text_in_the_address_is_not_shown(world: World) -> None:
    browser = world.browser("support")
    number = world.ticket()
    for name in ("error", "message", "flash", "done", "title"):
        page = browser.get(f"/tickets/{number}", **{name: "Call +1-555 to unlock"})
        assert "Call +1-555" not in page.text


def test_deleting_several_at_once_is_not_offered(world: World) -> None:
    refs = addresses(world)
    browser = world.browser("super")
    before = everything()
    wrong = f"{refs['quick-issues']},999999"
    assert browser.client.delete(f"{BASE}/quick-issues/delete?pks={wrong}").status_code == 404
    assert browser.post(f"/quick-issues/{wrong}/delete").status_code == 404
    assert everything() == before


def test_percent_is_a_letter_in_searches(world: World) -> None:
    world.ticket(title="plain words")
    world.article(title="Plain words")
    browser = world.browser("super")
    for path in ("/tickets", "/users", "/kb"):
        for wildcard in ("%", "_", "%%"):
            page = browser.get(path, q=wildcard)
            assert page.status_code == 200
            assert not [row for row in elements(page, "tr") if "data-href" in row], path


def test_no_form_lists_people_without_limit(world: World) -> None:
    number = world.ticket()
    page = world.browser("support").get(f"/tickets/{number}")
    values = [option.get("value") for option in elements(page, "option")]
    assert world.ids["support"] in values
    assert world.ids["member"] not in values


@pytest.mark.parametrize("name", ["member", "nobody"])
def test_only_agents_can_be_assigned(world: World, name: str) -> None:
    number = world.ticket()
    browser = world.browser("support")
    before = everything()
    someone = world.ids.get(name, "01a20681-0b3a-7561-8e6b-59b99dde0e65")
    page = browser.post(f"/tickets/{number}/assign", assigneeId=someone)
    assert page.status_code == 422
    assert "cannot be assigned" in words(page)
    assert everything() == before


EXTRA = [
    "id", "number", "userId", "user_id", "priority", "isInternal", "is_internal", "createdAt",
    "resolvedAt", "version", "role", "_method",
]  # fmt: skip


def test_fields_that_are_not_asked_for_are_refused(world: World) -> None:
    number = world.ticket()
    browser = world.browser("support")
    before = everything()
    for field in EXTRA:
        page = browser.post(f"/tickets/{number}/reply", **{"content": "typed text", field: "1"})
        assert page.status_code == 422
        assert f"{field}: This field is not known here." in words(page)
        assert "typed text" in page.text
    assert everything() == before


@pytest.mark.parametrize("path", ["/kb/new", "/quick-issues/new", "/users/{ref}/role"])
def test_fields_that_are_not_asked_for_are_refused_in_other_forms(world: World, path: str) -> None:
    refs = addresses(world)
    browser = world.browser("super")
    before = everything()
    page = browser.post(filled(path, refs), role="ADMIN", passwordHash="x")
    assert page.status_code == 422
    assert "passwordHash: This field is not known here." in words(page)
    assert everything() == before


def test_a_field_given_twice_is_refused(world: World) -> None:
    number = world.ticket()
    browser = world.browser("support")
    before = everything()
    page = browser.raw(f"/tickets/{number}/status", b"status=open&status=closed")
    assert page.status_code == 422
    assert "given twice" in words(page)
    assert everything() == before


def test_bodies_that_are_no_forms_are_refused(world: World) -> None:
    number = world.ticket()
    browser = world.browser("support")
    address = f"{BASE}/tickets/{number}/reply"
    before = everything()
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        headers = {"content-type": kind}
        assert browser.client.post(address, content=b"{}", headers=headers).status_code == 415
    many = b"&".join(b"a%d=1" % n for n in range(600))
    assert browser.raw(f"/tickets/{number}/reply", many).status_code == 400
    assert everything() == before


def test_secrets_of_people_are_on_no_page(world: World) -> None:
    refs = addresses(world)
    with db.unit_of_work() as session:
        people = update(users.User).where(users.User.email.is_not(None))
        session.execute(people.values(password_hash="canary-hash"))
    browser = world.browser("super")
    for method, path in access.ROUTES:
        if method == "GET":
            assert "canary-hash" not in browser.get(filled(path, refs)).text


def test_no_cookie_but_the_sites_own(world: World) -> None:
    number = world.ticket()
    browser = world.browser("support")
    for answer in (browser.get("/tickets"), browser.post(f"/tickets/{number}/note", content="x")):
        assert "set-cookie" not in answer.headers


def test_no_referer_leads_anywhere(world: World) -> None:
    number = world.ticket()
    browser = world.browser("admin", Referer="https://evil.example/x?done=evil")
    deeds = [
        browser.post(f"/tickets/{number}/note", content="x"),
        browser.post("/ticket-categories/new", title="X", slug="x"),
        browser.raw(f"/tickets/action/assign-to-me?pks={number}", f"pks={number}".encode()),
    ]
    for answer in deeds:
        assert answer.headers["location"].startswith(f"{BASE}/")


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "status=x", "a=1&a=2"])
def test_the_way_back_is_a_list_of_ours(world: World, back: str) -> None:
    number = world.ticket()
    answer = world.browser("support").post("/tickets/action/assign-to-me", pks=number, back=back)
    assert answer.headers["location"] == f"{BASE}/tickets?done=assigned"


def test_sqladmins_own_reads_and_writes_are_sealed(world: World) -> None:
    built = admin.SupportAdmin(settings.current(), backoffice.VIEWS)
    view = built._find_model_view("tickets")
    hooks = [
        "list", "count", "get_model_objects", "insert_model", "update_model", "delete_model",
        "get_object_for_details", "get_object_for_edit", "get_object_for_delete", "export_data",
        "get_object_filepath", "scaffold_form", "list_query", "count_query", "_run_query",
    ]  # fmt: skip
    for hook in hooks:
        assert hasattr(ModelView, hook)
        with pytest.raises(RuntimeError, match="through the rooms"):
            getattr(view, hook)(None, None)
    with pytest.raises(RuntimeError, match="through the rooms"):
        built.session_maker()


def test_building_the_dashboard_leaves_the_sites_sessions_alone(world: World) -> None:
    assert db.current().writers.kw.get("autoflush", True)
    assert db.current().sessions.kw.get("autoflush", True)
