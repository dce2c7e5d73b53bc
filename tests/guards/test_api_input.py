"""What programs may send wrongly: fields that are not theirs, types, odd bytes (G1, P-2, Q, U)."""

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from models.db import Database
from models.schema import metadata
from public_site.api import ENDPOINTS, reference
from public_site.api.call import Endpoint
from tests.guards import calls, state
from tests.guards.browser import Browser, Response
from tests.guards.objects import OWN
from tests.guards.test_api_matrix import _NOTED, _name
from tests.guards.world import World
from tests.house import none_of

WITH_BODY = [item for item in ENDPOINTS if item.method != "GET" and not item.takes_file]
ODD_TEXTS = (
    "", " ", "\u200b\u2060\ufeff", "a\0b", "\ud800", "x" * 300_000, "😀" * 40, "\u202eabc", "%s",
    "' OR 1=1--", "{{7*7}}", "<script>", "\r\nBcc: x@y", "null", "../../etc/passwd",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1.0, 10**30, -(10**400 - 1) // 10**380, [], {}, [[]], [None],
    {"a": 1}, *ODD_TEXTS,
)  # fmt: skip


def _address(endpoint: Endpoint, world: World) -> str:
    who = "member1" if endpoint.path.startswith("/api/tickets") else "super"
    return calls.path(endpoint, OWN, world, who)


def _who(endpoint: Endpoint) -> str:
    return "member1" if endpoint.path.startswith("/api/tickets") else "super"


def _send(
    browser: Browser, world: World, endpoint: Endpoint, body: bytes, **headers: str
) -> Response:
    sent = {
        "content-type": "application/json",
        "authorization": f"Bearer {world.tokens[_who(endpoint)]}",
    }
    return browser.ask("anonymous", endpoint.method, _address(endpoint, world), content=body,
                       headers={**sent, **headers})  # fmt: skip


def _columns() -> set[str]:
    """Every column of every table, in the spelling of the API."""
    names = {column.name for table in metadata.tables.values() for column in table.columns}
    parts = [name.split("_") for name in names]
    return {words[0] + "".join(word.title() for word in words[1:]) for words in parts} | names


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("endpoint", WITH_BODY, ids=_name)
def test_no_column_can_be_assigned_that_is_not_asked_for(
    browser: Browser, world: World, database: Database, endpoint: Endpoint
) -> None:
    """P-2, I-5, I-8: in the body and in the query, one by one."""
    before = state.picture(database, apart=_NOTED)
    right = calls.right_body(endpoint, world) or {}
    known = {item.alias or name for name, item in endpoint.takes.model_fields.items()} if (
        endpoint.takes
    ) else set()  # fmt: skip
    wrong = []
    for name in sorted(_columns() - known):
        answer = _send(browser, world, endpoint, json.dumps({**right, name: "x"}).encode())
        fields = [item["field"] for item in json.loads(answer.content).get("errors", [])]
        if answer.status_code != 422 or name not in fields:
            wrong.append(f"{name}: {answer.status_code} {fields}")
    none_of(wrong)
    none_of(state.difference(before, state.picture(database, apart=_NOTED)))


BROKEN = {
    b"": 400, b"null": 400, b"[]": 400, b'""': 400, b"7": 400, b'{"a":1': 400, b'{"a":1,}': 400,
    b"\xef\xbb\xbf{}": 400, "{}".encode("utf-16"): 400, b"{}{}": 400, b"{} // x": 400,
    b"[" * 50_000: 400, b'{"a":' * 50_000: 400, b'{"a":' + b"9" * 5_000 + b"}": 400,
    b'{"a":1e999}': 400, b'{"a":NaN}': 400, b'{"a":-Infinity}': 400, b'{"a":"\xff"}': 400,
    b'{"a":"\xc0\xaf"}': 400, b'{"content":"a","content":"b"}': 422,
    b'{"content":"\\ud800"}': 422, b'{"content":"a\\u0000b"}': 422, b'{"a\\u0000":1}': 422,
    b'{"content":1}': 422, b'{"content":"' + b"x" * 1_100_000 + b'"}': 413,
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bodies_that_cannot_be_meant(browser: Browser, world: World, database: Database) -> None:
    """P-3, Q-12, Q-13, Q-14, U-1 to U-3."""
    reply = next(item for item in ENDPOINTS if item.path == "/api/tickets/{id}/messages")
    before = state.picture(database, apart=_NOTED)
    got = {body[:40]: _send(browser, world, reply, body).status_code for body in BROKEN}
    assert got == {body[:40]: status for body, status in BROKEN.items()}
    kinds = ("text/plain", "application/xml", "application/x-www-form-urlencoded", "text/json",
             "application/json; charset=utf-7", "application/jsonx", "")  # fmt: skip
    for kind in kinds:
        answer = _send(browser, world, reply, b'{"content":"x"}', **{"content-type": kind})
        assert answer.status_code == 415, kind  # Q-15, C-2
    none_of(state.difference(before, state.picture(database, apart=_NOTED)))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_queries_that_cannot_be_meant(browser: Browser, world: World) -> None:
    """Q-1, Q-2, Q-5 to Q-9, Q-29, I-2: a bad value is never an unfiltered list."""
    token = {"authorization": f"Bearer {world.tokens['super']}"}
    lists = [item for item in ENDPOINTS if item.method == "GET" and "{" not in item.path]
    odd = (
        "-1",
        "0",
        "1e9",
        "99999999999999999999",
        "NaN",
        "",
        "1_0",
        "١٢",
        " 7 ",
        "1;2",
        "0x1",
        "1.0",
    )
    wrong = []
    for endpoint in lists:
        tries = [f"page={value}" for value in odd] + [
            f"pageSize={value}" for value in (*odd, "101")
        ]
        tries += [
            "fields=*",
            "include=messages",
            "userId=x",
            "page=1&page=2",
            "a%00=1",
            "q=%00",
            "q=%ff",
        ]
        tries += ["filter[a' OR 1]=1", "sort=password_hash", "sort=(select 1)", "sort=__class__"]
        for query in tries:
            answer = browser.ask("anonymous", "GET", f"{endpoint.path}?{query}", headers=token)
            if answer.status_code != 422:
                wrong.append(f"{endpoint.path}?{query}: {answer.status_code}")
        many = "&".join(f"a{number}=1" for number in range(5_000))
        answer = browser.ask("anonymous", "GET", f"{endpoint.path}?{many}", headers=token)
        assert answer.status_code == 400, endpoint.path
    none_of(wrong)


@pytest.mark.parametrize("who", ["member1", "support"])
def test_searches_take_everything_for_words(browser: Browser, world: World, who: str) -> None:
    """Q-5, Q-6, Q-7, Q-11, and I-17: nobody finds what is not theirs."""
    typed = ('"', "AND", "x OR", "NEAR(", "*", "a:b", "(", "^", "-x", "{a b}:c", "+", "x NOT", "'",
             ":*", "<->", "!", "%", "_", "\\", "%%%%a%%%%", "' OR 1=1--", '"; DROP', ")/*", "%s",
             ":x", "{x}", "note:", "x " * 90)  # fmt: skip
    token = {"authorization": f"Bearer {world.tokens[who]}"}
    paths = ["/api/kb/search", "/api/tickets"]
    paths += ["/api/support/tickets", "/api/support/users"] if who == "support" else []
    for path in paths:
        for text in typed:
            answer = browser.ask("anonymous", "GET", f"{path}?q={quote(text)}", headers=token)
            assert answer.status_code == 200, (path, text)
            items = json.loads(answer.content)["items"]
            if path == "/api/tickets":
                own = world.tickets[who]
                assert {item["ticketNumber"] for item in items} <= {own}


# --- generated ------------------------------------------------------------------------------------


def _generated(
    rng: random.Random, world: World, count: int
) -> Iterator[tuple[Endpoint, str, bytes]]:
    """Requests that are a little or very wrong, to every endpoint."""
    for _ in range(count):
        endpoint = rng.choice(ENDPOINTS)
        if endpoint.takes_file:
            continue
        query = _generated_query(rng, endpoint) if rng.random() < 0.5 else ""
        yield (
            endpoint,
            query,
            b"" if endpoint.method == "GET" else _generated_body(rng, endpoint, world),
        )


def _generated_query(rng: random.Random, endpoint: Endpoint) -> str:
    names = [item.alias or name for name, item in endpoint.asks.model_fields.items()]
    chosen = [rng.choice([*names, "zz", "Page", "page"]) for _ in range(rng.randint(1, 4))]
    values = [str(rng.choice(ODD_VALUES))[:200] for _ in chosen]
    return "?" + "&".join(
        f"{name}={quote(value, errors='surrogatepass')}"
        for name, value in zip(chosen, values, strict=True)
    )


def _generated_body(rng: random.Random, endpoint: Endpoint, world: World) -> bytes:
    body = dict(calls.right_body(endpoint, world) or {})
    names = list(endpoint.takes.model_fields.items()) if endpoint.takes else []
    known = [item.alias or name for name, item in names] or ["x"]
    for _ in range(rng.randint(0, 3)):
        body[rng.choice([*known, "zz", "id", ""])] = rng.choice(ODD_VALUES)
    if body and rng.random() < 0.2:
        body.pop(rng.choice(list(body)))
    text = json.dumps(body).encode()
    if rng.random() < 0.1:
        at = rng.randrange(len(text))
        text = text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :]
    return text


def _faults(endpoint: Endpoint, body: bytes, answer: Response) -> Iterator[str]:
    said = f"{_name(endpoint)} {body[:120]!r}: {answer.status_code}"
    documented = reference()["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    if answer.status_code >= 500 or str(answer.status_code) not in documented:
        yield f"{said} {answer.text[:200]}"
    elif answer.status_code == 422 and not json.loads(answer.content)["errors"]:
        yield f"{said} names no field"


def _round(browser: Browser, world: World, seed: int, count: int) -> None:
    wrong: list[str] = []
    for endpoint, query, body in _generated(random.Random(seed), world, count):
        sent = {"authorization": f"Bearer {world.tokens[_who(endpoint)]}"}
        if endpoint.method != "GET":
            sent["content-type"] = "application/json"
        address = _address(endpoint, world) + query
        answer = browser.ask(
            "anonymous", endpoint.method, address, content=body or None, headers=sent
        )
        wrong += _faults(endpoint, body, answer)
    none_of(wrong)


def test_generated_requests_meet_no_fault(browser: Browser, world: World) -> None:
    _round(browser, world, 42, 1_500)


@pytest.mark.torture
def test_ten_thousand_generated_requests_meet_no_fault(browser: Browser, world: World) -> None:
    _round(browser, world, 43, 10_000)
