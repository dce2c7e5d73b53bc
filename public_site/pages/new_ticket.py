"""The ticket form, for people with an account and for guests, and the page after sending."""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session
from starlette.responses import Response

from models import kb, tickets
from models.db import reading, unit_of_work
from models.errors import NotFound
from models.tickets import CheckedFile, QuickIssue, Severity
from public_site import errors, forms, rendering
from public_site.door import Visit
from public_site.forms import Form
from public_site.pages import ticket_files
from public_site.pages.tickets import SEVERITY_TITLES, type_options

SENT = "sent"
SENT_FORM = "sent_form"
SENT_SECONDS = 600
DRAFT_SECONDS = 7 * 24 * 3600  # as long as a browser keeps a draft
KEY = "key"
CONTEXT = "contextData"
_APART = frozenset({KEY, CONTEXT, *ticket_files.FILE_FIELDS})
_KEY = re.compile("[0-9a-f]{32}")
_NUMBER = re.compile("TICKET-[0-9]{4,10}")
SENT_BEFORE = (
    "Its ticket is with us, as you wrote it then. Send it again only if you want a second ticket."
)
LABELS = {
    "type": "Type",
    "category": "Category",
    "severity": "How bad is it?",
    "title": "Title",
    "description": "Description",
    "guestEmail": "Your e-mail",
    "guestName": "Your name",
    "files": "Files",
    "screenshot": "Screenshot",
    "contextData": "Technical details",
}
SEVERITY_HINTS = {
    Severity.LOW: "a small thing",
    Severity.MEDIUM: "it gets in the way",
    Severity.HIGH: "something important does not work",
    Severity.CRITICAL: "everything stands still",
}


def form_page(visit: Visit) -> Response:
    """The empty form, or one that a quick issue or an article has begun to fill."""
    with reading() as db:
        begun = _begun(db, visit)
        return _form(visit, db, begun, secrets.token_hex(16))


def _begun(db: Session, visit: Visit) -> Form:
    """What the address brings along; a quick issue that is no more changes nothing."""
    query = visit.query
    values = {name: query.shown(name) for name in ("title", "type", "category") if query[name]}
    issue = next((item for item in tickets.quick_issues(db) if item.id == query["issue"]), None)
    if issue is not None:
        values |= {
            "type": issue.suggested_type,
            "category": issue.suggested_category,
            "quickIssueId": issue.id,
        }
    if query["article"]:
        values["relatedArticleSlug"] = query.shown("article")
    return Form({"severity": Severity.MEDIUM.value, **values})


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers."""

    issues: Sequence[QuickIssue]
    types: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, str]]
    severities: Sequence[tuple[str, str]]


def _choices(db: Session) -> Choices:
    return Choices(
        tickets.quick_issues(db),
        type_options(),
        [(item.slug, item.title) for item in tickets.categories(db)],
        [(item.value, f"{SEVERITY_TITLES[item.value]}: {hint}")
         for item, hint in SEVERITY_HINTS.items()],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Again:
    """A form that comes back: what was wrong, and what became of the files sent with it."""

    problem: errors.Problem
    kept: Sequence[str] = ()
    lost: bool = False


def _form(visit: Visit, db: Session, form: Form, key: str, again: Again | None = None) -> Response:
    choices = _choices(db)
    issue = next((item for item in choices.issues if item.id == form["quickIssueId"]), None)
    ids = [*ticket_files.kept_ids(form), *(again.kept if again else ())]
    shot = ticket_files.waiting(db, [form["screenshotId"]], actor=visit.actor)
    return rendering.show(
        visit, "tickets/new.html", form=form, key=key, labels=LABELS,
        problem=again.problem if again else None, files_lost=again is not None and again.lost,
        choices=choices, issue=issue, about=_article(db, visit, form["relatedArticleSlug"]),
        advice=_article(db, visit, issue.article_slug if issue and issue.article_slug else ""),
        kept=ticket_files.waiting(db, ids, actor=visit.actor), shot=shot,
        sent_key=_sent_key(visit), known=json.dumps(tickets.known_context(db, actor=visit.actor)),
        most_files=tickets.MAX_FILES, most_bytes=tickets.MAX_FILE,
    )  # fmt: skip


def _article(db: Session, visit: Visit, slug: str) -> kb.Article | None:
    if not slug or forms.is_unstorable(slug):
        return None
    try:
        return kb.article_by_slug(db, slug, actor=visit.actor)
    except NotFound:
        return None


def create(visit: Visit) -> Response:
    """Send the ticket; sent twice (a double click, a reload) it is one ticket."""
    given_key = visit.form[KEY]
    key = given_key if _KEY.fullmatch(given_key) else secrets.token_hex(16)

    files: list[CheckedFile] = []

    def deed() -> Response:
        good, wrong = ticket_files.look_at(visit.form, actor=visit.actor)
        files.extend(good)
        given = _read(visit, wrong)
        with unit_of_work() as db:
            number = tickets.submit(db, given, key=key, files=good, actor=visit.actor)
        return _sent(visit, number, key)

    def again(problem: errors.Problem) -> Response:
        # What was typed may change now, and a key stands for one text. When it is not known
        # whether the ticket arrived, the key stays.
        next_key = secrets.token_hex(16) if problem.fields else key
        kept = ticket_files.keep(files, actor=visit.actor)
        lost = any(visit.form.files.values()) and not kept
        with reading() as db:
            back = Again(_said_for_people(problem), kept, lost)
            return _form(visit, db, visit.form, next_key, back)

    return forms.submitted(deed, again)


def _read(visit: Visit, wrong: dict[str, str]) -> tickets.NewTicket | tickets.GuestTicket:
    """What the form says. Raises Invalid, also for what is wrong with its files."""
    form = visit.form
    schema = tickets.NewTicket if visit.actor.is_signed_in else tickets.GuestTicket
    return ticket_files.read(form, schema, wrong, apart=_APART, more={CONTEXT: _context(form)})


def _context(form: Form) -> object:
    """The technical details that the script gathered; none when nobody could read them."""
    try:
        return json.loads(form[CONTEXT]) if form[CONTEXT] else None
    except (ValueError, RecursionError):
        return None


def _said_for_people(problem: errors.Problem) -> errors.Problem:
    if "Idempotency-Key" in problem.fields:
        return replace(problem, title="This form was sent already", text=SENT_BEFORE, fields={})
    return ticket_files.at_its_fields(problem)


def _sent_key(visit: Visit) -> str:
    """The key of the form that arrived last, by which the browser knows that its draft is done."""
    key = visit.request.cookies.get(visit.site.cookie_name(SENT_FORM), "")
    return key if _KEY.fullmatch(key) else ""


def _sent(visit: Visit, number: str, key: str) -> Response:
    if visit.actor.is_signed_in:
        response = rendering.redirect(visit, f"/support/{number}", flash="ticket_sent")
    else:
        response = rendering.redirect(visit, "/support/sent")
        rendering.set_cookie(response, visit.site, SENT, number, seconds=SENT_SECONDS)
    rendering.set_cookie(response, visit.site, SENT_FORM, key, seconds=DRAFT_SECONDS)
    return response


def sent_page(visit: Visit) -> Response:
    """What happens now, for a guest: the private link comes by mail only."""
    number = visit.request.cookies.get(visit.site.cookie_name(SENT), "")
    known = number if _NUMBER.fullmatch(number) else None
    return rendering.show(visit, "tickets/sent.html", number=known)
