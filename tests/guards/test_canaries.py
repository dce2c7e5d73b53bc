"""Marks in everything that is not for everybody, and every sink searched for them (G3).

Sinks: each page, feed, redirect, header and error; what searches find; mails; the command line's
exports and lists; the log.
"""

import logging
import re
from collections.abc import Iterable
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from cli.program import app as program
from models import base, kb, notifications, settings, tickets
from models.actor import operator
from models.db import reading, unit_of_work
from models.notifications import OutboxMail
from models.users import LinkPurpose
from tests.guards import crawl
from tests.guards.browser import Browser, Response, body_of
from tests.guards.world import PRINCIPALS, STAFF, World
from tests.house import none_of

BACK_OFFICE = "/support-dashboard"
_KIND = re.compile("zq([a-z]+)[0-9]{2,3}vx")
SEARCHES = (
    "/help?q={}", "/support?q={}", "/support-dashboard/tickets?q={}", "/support-dashboard/kb?q={}",
    "/support-dashboard/users?q={}",
)  # fmt: skip


def _leaks(world: World, readers: str, content: str, *, asked: str = "") -> list[str]:
    """The marks in this text that no reader may see; what stood in the address was no secret."""
    return [
        mark
        for mark, may_see in world.marks.items()
        if not may_see.intersection(readers.split()) and mark in content and mark not in asked
    ]


def _everything(response: Response) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{response.status_code}\n{headers}\n{response.text}"


def _half(mark: str) -> str:
    """Enough of a mark to search for it, too little to be it when the page repeats it."""
    return mark[:-3]


def _holder(world: World, path: str) -> str:
    """Whoever a private link was sent to; possession is the right."""
    if world.guest_token in path or world.rows["stop"] in path:
        return "guest"
    owners = {LinkPurpose.SIGN_IN: "member2", LinkPurpose.SET_PASSWORD: "nameless"}
    return next((owner for kind, owner in owners.items() if world.links[kind] in path), "")


def _searched(world: World, who: str) -> list[str]:
    """Searches for one mark of each kind, wherever this reader can search."""
    kinds: dict[str, str] = {}
    for mark in world.marks:
        if match := _KIND.match(mark):
            kinds[match[1]] = mark  # the last one, which is nobody's own
    places = [search for search in SEARCHES if who in STAFF or not search.startswith(BACK_OFFICE)]
    return [search.format(_half(mark)) for mark in kinds.values() for search in places]


# Those who lost their rights get what anybody gets; the matrix asks that of every route.
@pytest.mark.parametrize("who", [who for who in PRINCIPALS if who not in ("fired", "gone")])
def test_no_page_shows_what_is_not_for_its_reader(browser: Browser, world: World, who: str) -> None:
    leaks, shown, pages = [], [], 0
    taken_back = f"/support-dashboard/kb/{world.articles['takenback']}/edit"
    for path, response in crawl.walk(browser, who, taken_back, *_searched(world, who)):
        pages += 1
        said = _everything(response)
        shown.append(said)
        readers = f"{who} {_holder(world, path)}"
        found = _leaks(world, readers, said, asked=path)
        leaks += [f"{who}: {path} ({response.status_code}) shows {mark}" for mark in found]
        if response.status_code >= 500:
            leaks.append(f"{who}: {path} is broken: {response.status_code}")
    none_of(leaks)
    none_of(_not_found(world, who, "".join(shown)))
    assert pages > 40


def _not_found(world: World, who: str, shown: str) -> list[str]:
    """The marks that this reader may see and that no page showed: then the guard is blind."""
    expected = [mark for mark, may_see in world.marks.items() if who in may_see]
    expected = [mark for mark in expected if mark not in shown]
    unseen = _SHOWN_NOWHERE if who in STAFF else (*_SHOWN_NOWHERE, *_NOT_SHOWN_TO_OWNERS)
    return [f"{who} does not find {mark}" for mark in expected if not mark.startswith(unseen)]


# What the site does not show: the former address of a deleted article and what was in it.
_SHOWN_NOWHERE = ("zqslug", "zqmailgone", "zqmailfired", "zqdeleted")
# What it does not show customers of what is theirs.
_NOT_SHOWN_TO_OWNERS = ("zqcontext", "zqlabel", "zqgateway", "zqguestmail", "zqguestname")


def test_forms_that_are_refused_show_nothing_either(browser: Browser, world: World) -> None:
    leaks = []
    for number in world.tickets.values():
        for deed in ("messages", "solve"):
            for form in ({"content": ""}, {"content": "x", "isInternal": "true"}):
                path = f"/support/{number}/{deed}"
                response = browser.ask("member2", "POST", path, form=form)
                leaks += _leaks(world, "member2", _everything(response), asked=path)
    none_of(leaks)


# --- a note changes nothing for the customer (I-4) ------------------------------------------------


def _pictures(browser: Browser, world: World, who: str) -> dict[str, tuple[object, bytes]]:
    """All that somebody sees: status, headers but the request id, and body of every page."""
    return {
        path: (
            (response.status_code, _comparable(response)),
            body_of(response),
        )
        for path, response in crawl.walk(browser, who, f"/support?q={world.tickets[who]}")
    }


def _comparable(response: Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in response.headers.items() if name != "x-request-id"]


@pytest.mark.parametrize("deed", ["note", "priority"])
@pytest.mark.parametrize("who", ["member1", "guest"])
def test_what_only_staff_sees_changes_nothing_for_the_customer(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch, who: str, deed: str
) -> None:
    seen_at = base.now()
    monkeypatch.setattr(base, "clock", lambda: seen_at)
    monkeypatch.setattr(kb.views, "note", lambda *_: None)  # our own reading is not the question
    _answer_another_ticket(world, who)
    before = _pictures(browser, world, who)
    monkeypatch.setattr(base, "clock", lambda: seen_at.replace(year=seen_at.year + 1))
    with unit_of_work() as db:
        ticket = tickets.get(db, world.tickets[who], actor=operator())
        if deed == "note":
            note = tickets.Note(content="The customer must not notice.")
            tickets.add_note(db, ticket, note, actor=world.actor("support"))
        else:
            tickets.set_priority(db, ticket, tickets.Priority.URGENT, actor=world.actor("support"))
    monkeypatch.setattr(base, "clock", lambda: seen_at)
    after = _pictures(browser, world, who)
    none_of(path for path in before if after.get(path) != before[path])
    assert after.keys() == before.keys()


def _answer_another_ticket(world: World, who: str) -> None:
    """A second, newer ticket of the same customer, so that there is an order to keep."""
    if who == "guest":
        return
    values = {"type": "bug", "category": "gateway", "title": "Second", "description": "Text."}
    with unit_of_work() as db:
        deed = tickets.NewTicket.model_validate(values)
        tickets.create(db, deed, actor=world.actor(who))


# --- mails ----------------------------------------------------------------------------------------


def _recipients(world: World) -> dict[str, str]:
    by_address = {actor.email: name for name, actor in world.actors.items() if actor.email}
    guest = next(mark for mark in world.marks if mark.startswith("zqguestmail"))
    return {**by_address, f"{guest}@example.com": "guest"}


def _mails() -> Iterable[OutboxMail]:
    with reading() as db:
        waiting = OutboxMail.status == notifications.MailStatus.WAITING.value
        return db.scalars(select(OutboxMail).where(waiting)).all()


def test_no_mail_says_what_is_not_for_its_recipient(world: World) -> None:
    names, leaks, count = _recipients(world), [], 0
    for mail in _mails():
        count += 1
        who = names[mail.recipient]
        words = "\n".join(
            [mail.subject, mail.text, mail.html, mail.recipient_name, str(mail.headers)]
        )
        leaks += [f"{mail.kind} to {who}: {mark}" for mark in _leaks(world, who, words)]
    none_of(leaks)
    assert count > 10


def test_no_mail_file_says_it_either(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPPORT_SMTP_URL")
    settings.current.cache_clear()
    notifications.deliver_due(1000)
    names, leaks, count = _recipients(world), [], 0
    for file in (settings.current().data_dir / "mail").rglob("*.eml"):
        count += 1
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        who = names[message["To"].addresses[0].addr_spec]
        parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
        words = "\n".join([*map(str, message.values()), *map(str, parts), file.name])
        leaks += [f"{file.name} to {who}: {mark}" for mark in _leaks(world, who, words)]
    none_of(leaks)
    assert count > 10


def test_a_mail_to_an_unproven_address_carries_no_word_of_the_guest(world: World) -> None:
    guests = [mail for mail in _mails() if mail.recipient.startswith("zqguestmail")]
    words = "\n".join(
        f"{mail.subject}{mail.text}{mail.html}{mail.recipient_name}" for mail in guests
    )
    typed = [mark for mark in world.marks if mark.startswith(("zqguestname", "zqsubject"))]
    assert guests
    none_of(mark for mark in typed if mark in words)


# --- the command line -----------------------------------------------------------------------------

COMMANDS = [
    *(["export", noun, "--format", form] for noun in ("tickets", "articles", "users", "audit")
      for form in ("csv", "json", "jsonl")),
    ["export", "tickets", "--messages"],
    ["export", "tickets", "--messages", "--format", "jsonl"],
    ["users", "list"],
    ["users", "list", "--json"],
    ["users", "lookup", "zq"],
    ["users", "lookup", "zq", "--json"],
    ["tokens", "list"],
    ["tokens", "list", "--json"],
    ["doctor"],
    ["doctor", "--json"],
    ["doctor", "--deep"],
    ["migrate", "--check"],
]  # fmt: skip


def _run(*arguments: str) -> str:
    """What a command says, or exports."""
    file = settings.current().data_dir / "exported"
    output = ["--output", str(file)] if arguments[0] == "export" else []
    result = CliRunner().invoke(program, [*arguments, *output])
    exported = file.read_text() if file.exists() else ""
    return f"{result.exit_code}\n{result.output}\n{exported}"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_command_tells_secrets_or_notes(world: World) -> None:
    """The operator may see everything but secrets, and notes only with `--internal`."""
    notes = [mark for mark in world.marks if mark.startswith("zqnote")]
    secrets = [mark for mark, may_see in world.marks.items() if not may_see & STAFF]
    leaks = []
    for command in COMMANDS:
        said = _run(*command)
        assert len(said) > 40, command
        leaks += [f"{' '.join(command)}: {mark}" for mark in (*notes, *secrets) if mark in said]
    none_of(leaks)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_notes_are_exported_on_request_only(world: World) -> None:
    said = _run("export", "tickets", "--messages", "--internal", "--format", "json")
    none_of(mark for mark in world.marks if mark.startswith("zqnote") and mark not in said)


# --- the log --------------------------------------------------------------------------------------


def test_the_log_holds_no_secrets_and_no_words_of_people(
    browser: Browser, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="supportdesk")
    for who in ("guest", "member1", "super"):
        for path in crawl.starts(browser, who):
            browser.ask(who, "GET", path)
    wrong = {"email": "somebody@example.com", "password": "zqpassword"}
    assert browser.ask("anonymous", "POST", "/login", form=wrong).status_code == 422
    browser.ask("member1", "POST", f"/support/{world.tickets['member1']}/messages",
                form={"content": "zqtyped"})  # fmt: skip
    notifications.deliver_due(5)  # nothing listens at the mail server's address
    assert "zqpassword" not in caplog.text
    assert "zqtyped" not in caplog.text
    private = re.compile("zq(note|description|answer|reply|content|gateway|mail|name)")
    none_of(
        mark
        for mark, may_see in world.marks.items()
        if mark in caplog.text and (not may_see & STAFF or private.match(mark))
    )
