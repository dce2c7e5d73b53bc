"""Bad input in every field of every form, and in every query (G1, G4, P-2, P-3, U, Q-1 to Q-8).

The forms are found by walking through the pages. Refused means: an answer that names the field,
the form filled in with what was typed, and nothing stored.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote_plus, urlencode, urlsplit

import pytest

from models.db import Database
from models.users import LinkPurpose
from tests.guards import crawl, objects, state
from tests.guards.browser import Browser, Response
from tests.guards.crawl import Form
from tests.guards.world import World
from tests.house import none_of

NUL, NO_UTF8, SURROGATE = b"a%00b", b"a%FFb", b"a%ED%A0%80b"
INVISIBLE = quote_plus("\u200b\u2060\ufeff \t").encode()
REFUSED = frozenset({400, 403, 409, 413, 415, 422})
ONE_LINE = frozenset({"text", "email", "search"})
# Buttons that need nothing typed; whatever else comes along is not read.
TAKES_ANYTHING = frozenset({"/logout"})
# Compared byte for byte as typed, so there is nothing in it to correct (S-3).
VERBATIM = frozenset({"password"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One wrong form: the field at fault, what is wrong with it, and the body to send."""

    field: str
    wrong: str
    body: bytes


def _forms(browser: Browser, world: World, who: str) -> Iterator[tuple[str, Form]]:
    """Every form that sends something, once for each shape, with right values filled in."""
    seen = set()
    more = [f"/login/link/{token}" for token in world.links.values()]
    for path, response in crawl.walk(browser, who, *more):
        for form in crawl.read_page(path, response).forms:
            shape = (_shape(form.action), *sorted(form.controls))
            if form.method == "POST" and shape not in seen:
                seen.add(shape)
                yield path, form


def _shape(address: str) -> str:
    """The address without what names an object in it."""
    return re.sub(
        r"TICKET-\d+|[0-9a-f-]{36}|plainslug[\w-]+|[\w-]{40,}", "*", urlsplit(address).path
    )


def _filled(form: Form, world: World) -> dict[str, str]:
    """The form with something right in every field."""
    values = dict(form.fields)
    for name, control in form.controls.items():
        if values.get(name) or control.get("type") in ("hidden", "file"):
            continue
        if name in form.choices:
            values[name] = next(value for value in form.choices[name] if value or not control)
        else:
            values[name] = _right(name, control, world)
    return values


def _right(name: str, control: dict[str, str], world: World) -> str:
    if control.get("type") == "email" or name == "email":
        return "somebody@example.com"
    return {
        "password": objects.PASSWORD,
        "articleId": world.slugs["public"],
        "slug": "",
        "sortOrder": "1",
        "score": "5",
        "next": "",
    }.get(name, "Some words")


def _attempts(form: Form, values: dict[str, str]) -> Iterator[Attempt]:
    for name, control in form.controls.items():
        kind = control.get("type", "text") if control["tag"] == "input" else control["tag"]
        if kind == "file":
            continue  # a file comes in a part of its own: tests/public_site/test_my_ticket.py
        sent = _unstorable(name, kind)
        if kind not in ("hidden", "checkbox"):
            sent |= _unfit(control, kind)
        for wrong, text in sent.items():
            yield Attempt(name, wrong, _body(values, name, text))
        if kind not in ("hidden", "checkbox"):
            twice = _body(values, name, quote_plus(values.get(name, "")).encode())
            yield Attempt(name, "twice", twice + b"&" + name.encode() + b"=again")
    extra = urlencode(values).encode() + b"&" * bool(values)
    yield Attempt("isInternal", "unknown", extra + b"isInternal=true")
    yield Attempt("__class__", "unknown", extra + b"__class__=x")


def _unstorable(name: str, kind: str) -> dict[str, bytes]:
    """What no database keeps."""
    if name in VERBATIM or kind == "checkbox":
        return {}
    return {"NUL": NUL, "no UTF-8": NO_UTF8, "surrogate": SURROGATE}


def _unfit(control: dict[str, str], kind: str) -> dict[str, bytes]:
    """What does not fit this kind of field."""
    sent = {}
    is_line = control["tag"] == "input" and kind in ONE_LINE
    if limit := control.get("maxlength", ""):
        host = b"@example.com" * (kind == "email")
        sent["too long"] = b"x" * (int(limit) + 1 - len(host)) + host
    if kind == "select":
        sent["no such choice"] = b"zqnochoice"
    if is_line:
        sent["two lines"] = b"one%0Atwo"
    if "required" in control and (is_line or kind == "textarea"):
        sent |= {"invisible": INVISIBLE, "empty": b""}
    return sent


def _body(values: dict[str, str], name: str, sent: bytes) -> bytes:
    rest = urlencode({key: value for key, value in values.items() if key != name}).encode()
    return rest + b"&" * bool(rest) + name.encode() + b"=" + sent


def _wrong_answer(form: Form, values: dict[str, str], attempt: Attempt, got: Response) -> list[str]:
    said = f"{form.page} -> {urlsplit(form.action).path} {attempt.field} ({attempt.wrong})"
    if attempt.field == "pks" and got.status_code == 404:
        return []  # it names no row
    if got.status_code not in REFUSED:
        return [f"{said}: {got.status_code} {got.location}"]
    if got.status_code != 422:
        return []  # refused by a rule about something else, before or after this
    page = crawl.read_page(form.page, got)
    same = [shown for shown in page.forms if set(shown.controls) >= set(_lasting(form))]
    if not same and _lasting(form):
        return [f"{said}: the form is not there again"]
    problems = []
    if _lasting(form) and not _is_named(got.text, attempt.field, form):
        problems.append(f"{said}: no word at the field")
    for name in _lasting(form):
        kept = values.get(name, "")
        if name != attempt.field and same and all(s.fields.get(name, "") != kept for s in same):
            problems.append(f"{said}: {name} is not filled in again")
    return problems


def _lasting(form: Form) -> list[str]:
    """The fields that must come back with what was typed: all but secrets and what a page adds."""
    return [
        name
        for name, control in form.controls.items()
        if control.get("type") not in ("password", "hidden", "checkbox", "file")
    ]


def _is_named(text: str, field: str, form: Form) -> bool:
    """Whether something stands at the field, or the summary names what is no field."""
    if field in form.controls and form.controls[field].get("type") != "hidden":
        control = re.search(rf'<[^>]*name="{field}"[^>]*aria-invalid="true"', text)
        return control is not None
    return field in unescape(text)


def _try_all(browser: Browser, world: World, database: Database, who: str) -> int:
    before = state.picture(database, apart=state.NOTED_BY_READING | state.NOTED_BY_REFUSING)
    wrong, count = [], 0
    found = [form for _, form in _forms(browser, world, who)]
    # Buttons last: should one be pressed in spite of a wrong form, it must not take the others'
    # objects away.
    for form in sorted(found, key=lambda form: len(_lasting(form)), reverse=True):
        values = _filled(form, world)
        for attempt in _attempts(form, values):
            path = urlsplit(form.action).path
            if path in TAKES_ANYTHING:
                continue
            count += 1
            got = browser.ask(who, "POST", path, content=attempt.body)
            wrong += _wrong_answer(form, values, attempt, got)
    after = state.picture(database, apart=state.NOTED_BY_READING | state.NOTED_BY_REFUSING)
    none_of([*wrong, *state.difference(before, after)])
    return count


def test_bad_input_of_visitors(browser: Browser, world: World, database: Database) -> None:
    assert _try_all(browser, world, database, "guest") > 80


def test_bad_input_of_customers(browser: Browser, world: World, database: Database) -> None:
    assert _try_all(browser, world, database, "member1") > 40


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bad_input_of_staff(browser: Browser, world: World, database: Database) -> None:
    assert _try_all(browser, world, database, "super") > 100


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_column_can_be_sent_along(browser: Browser, world: World, database: Database) -> None:
    """P-2, I-8: the columns that no form has, in the forms of tickets and people."""
    columns = (
        "id", "number", "ticketNumber", "userId", "user_id", "channel", "status", "priority",
        "assignedToId", "assigned_to_id", "resolution", "resolvedAt", "relatedArticleId",
        "version",
        "createdAt", "isInternal", "is_internal", "senderId", "html", "role", "is_active",
        "isActive", "passwordHash", "password_hash", "is_system", "plan", "externalId",
        "mergedInto",
    )  # fmt: skip
    forms = {
        "/support/new": {"type": "bug", "category": "gateway", "title": "T", "description": "D"},
        f"/support/{world.tickets['member1']}/messages": {"content": "x"},
        "/register": {"email": "new@example.com", "name": "n"},
        "/login/link": {"email": "new@example.com"},
        "/login": {"email": objects.address_of(world, "member1"), "password": "x"},
    }
    before = state.picture(database)
    wrong = []
    for path, form in forms.items():
        for column in columns:
            got = browser.ask("member1", "POST", path, form={**form, column: "1"})
            if got.status_code != 422:
                wrong.append(f"{path} {column}: {got.status_code}")
    none_of(wrong)
    none_of(state.difference(before, state.picture(database)))


# --- queries --------------------------------------------------------------------------------------

LISTS = {
    "/help": "anonymous",
    "/support": "member1",
    "/support-dashboard/tickets": "support",
    "/support-dashboard/kb": "support",
    "/support-dashboard/users": "support",
    "/support-dashboard/audit": "admin",
}
BAD_PAGES = (
    "-1", "0", "1e9", "99999999999999999999", "NaN", "1_0", "\u0661\u0662", "+7", "1;2", "0x1", "a",
)  # fmt: skip
WILD = ("%", "_", "\\", "%%%%a%%%%", "%" * 10_000)
OPERATORS = (
    '"', "AND", "x OR", "NEAR(", "*", "a:b", "(", "^", "-x", "{a b}:c", "+", "x NOT", "'", ":*",
    "<->", "!", "word " * 10_000,
)  # fmt: skip
SQL = ("' OR 1=1--", '"; DROP TABLE users', "%27", ")/*", "1 UNION SELECT 1", "%s", ":x", "{x}")


def _list(browser: Browser, path: str, **query: str) -> Response:
    return browser.ask(LISTS[path], "GET", f"{path}?{urlencode(query)}")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_is_a_small_plain_number(browser: Browser) -> None:
    """Q-1: nothing else is taken for one; after the last page comes an empty list."""
    wrong = []
    for path in LISTS:
        for page in BAD_PAGES:
            got = _list(browser, path, page=page)
            if got.status_code not in (400, 422):
                wrong.append(f"{path}?page={page}: {got.status_code}")
        for page in ("1", "2", "999", "999999", ""):
            got = _list(browser, path, page=page)
            if got.status_code != 200:
                wrong.append(f"{path}?page={page}: {got.status_code}")
    none_of(wrong)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_has_a_bounded_size(browser: Browser) -> None:
    """Q-2, and SQLAdmin's `pageSize=-1`."""
    wrong = []
    for path in LISTS:
        if path == "/help":
            continue  # its pages have one size, the name means nothing there
        for size in ("-1", "0", "1000001", "101", "1e3", "NaN", "\u0661"):
            got = _list(browser, path, pageSize=size)
            if got.status_code not in (400, 422):
                wrong.append(f"{path}?pageSize={size}: {got.status_code}")
    none_of(wrong)


def test_searches_take_everything_as_words(browser: Browser, world: World) -> None:
    """Q-5, Q-6, Q-7, U-1: no wildcard, no operator, no SQL; nothing breaks, nothing is found."""
    wrong = []
    numbers = list(world.tickets.values())
    for path in LISTS:
        if path == "/support-dashboard/audit":
            continue
        for text in (*WILD, *OPERATORS, *SQL, "\0", "a\0b", "\u202e", "\u200b"):
            got = _list(browser, path, q=text)
            if got.status_code not in (200, 400, 422):
                wrong.append(f"{path}?q={text[:20]!r}: {got.status_code}")
            narrowed = path != "/help" and text.strip("\u200b\0")
            if got.status_code == 200 and narrowed and text in (*WILD, *SQL[:-3]):
                shown = [number for number in numbers if number in got.text]
                wrong += [f"{path}?q={text[:20]!r} finds {shown}"] if shown else []
    none_of(wrong)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_orders_are_taken_from_a_list(browser: Browser) -> None:
    """Q-8: no column that is not offered, hidden ones above all."""
    sorts = (
        "(select 1)", "password_hash", "user.password_hash", "__class__", "-", "--priority",
        ",".join(["priority"] * 50), "priority desc", "id", "waiting_since",
    )  # fmt: skip
    wrong = []
    for path in ("/support-dashboard/tickets", "/support-dashboard/kb"):
        for sort in sorts:
            got = _list(browser, path, sort=sort)
            if got.status_code not in (400, 422):
                wrong.append(f"{path}?sort={sort[:30]}: {got.status_code}")
    none_of(wrong)


def test_the_queue_refuses_what_it_does_not_know(browser: Browser) -> None:
    """I-2, Q-9: a filter that cannot be meant is a 400, never the whole list."""
    queries = (
        "status=nonsense", "status=open&status=closed", "type=x", "severity=x", "from=yesterday",
        "from=2026-02-01&to=2026-01-01", "to=9999-99-99", "from=0001-01-01T00:00:00%2B14:00",
        "userId=1", "include=messages", "fields=*", "filter[a]=1", "sortBy=id", "search=x", "page=",
        "assignee=" + "x" * 100, "tag=" + "x" * 51,
        "&".join(f"status=open{n}" for n in range(1000)),
    )  # fmt: skip
    wrong = []
    for query in queries:
        got = browser.ask("support", "GET", f"/support-dashboard/tickets?{query}")
        if got.status_code != (200 if query == "page=" else 400):
            wrong.append(f"{query[:60]}: {got.status_code}")
    none_of(wrong)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_text_of_an_error_in_the_address_is_not_shown(browser: Browser) -> None:
    """X-27 and SQLAdmin's `?error=`: nobody puts words into our mouth."""
    shown = []
    for path, who in LISTS.items():
        for name in ("error", "message", "done", "flash", "next"):
            got = browser.ask(who, "GET", f"{path}?{name}=Call+zqfoolish+to+unlock")
            if "zqfoolish" in got.text and not _only_named(got):
                shown.append(f"{path}?{name}=")
    none_of(shown)


def _only_named(response: Response) -> bool:
    return response.status_code in (400, 422)


def test_names_of_links_are_odd(browser: Browser, world: World) -> None:
    """S-9: a token is exactly itself; anything else is nothing."""
    real = world.links[LinkPurpose.SIGN_IN]
    odd = ["%00", "null", "0", "[]", '{"$ne":1}', real.swapcase(), f"{real}%00", f"{real}%20",
           "\u0661\u0662", "A" * 5_000, "%FF", "%ED%A0%80", "..%2f..%2f"]  # fmt: skip
    wrong = []
    for prefix in ("/login/link", "/support/t", "/support", "/help", "/support-dashboard/tickets",
                   "/support-dashboard/kb/x/edit?", "/support-dashboard/users"):  # fmt: skip
        for name in odd:
            got = browser.ask("super", "GET", f"{prefix}/{name}")
            if got.status_code != 404 and "?" not in prefix:
                wrong.append(f"{prefix}/{name[:30]}: {got.status_code}")
    none_of(wrong)
