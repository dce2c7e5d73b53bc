"""Files of a ticket or a reply: sent before the form by the script, or with it by the browser."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from sqlalchemy.orm import Session

from models import tickets
from models.actor import Actor
from models.db import unit_of_work
from models.errors import Invalid, SupportError
from models.tickets import CheckedFile
from public_site.errors import Problem
from public_site.forms import Form, S, is_unstorable
from public_site.sent_files import SentFile

FILES = "files"
SCREENSHOT = "screenshot"
FILE_FIELDS = (FILES, SCREENSHOT)
FILES_ALONE = (FILES,)
_PLACES = {"attachmentIds": FILES, "file": FILES, "screenshotId": SCREENSHOT}
KEPT = "attachment."
SHOWN = 60


def kept_ids(form: Form) -> list[str]:
    """The ids of files that the server has already, each in a field of its own."""
    return [value for name, value in form.values.items() if name.startswith(KEPT) and value]


def waiting(db: Session, ids: Sequence[str], *, actor: Actor) -> Sequence[tickets.Attachment]:
    """Those of these files that the actor sent, and that wait to be attached."""
    storable = [item for item in ids if not is_unstorable(item)]
    return tickets.waiting_files(db, storable, actor=actor)


def read(
    form: Form,
    schema: type[S],
    wrong: Mapping[str, str],
    *,
    apart: frozenset[str] = frozenset(),
    more: Mapping[str, object] | None = None,
) -> S:
    """What a form with files says. Raises Invalid, also for what is ``wrong`` with the files."""
    ours = {name for name in form.values if name.startswith(KEPT)} | form.files.keys()
    given = {"attachmentIds": kept_ids(form), **(more or {})}
    try:
        deed = form.read(schema, apart=apart | ours, more=given)
    except Invalid as error:
        raise Invalid({**error.fields, **wrong}) from None
    if wrong:
        raise Invalid(dict(wrong))
    return deed


def at_its_fields(problem: Problem) -> Problem:
    """The problem with what is wrong with files at the fields that the page has for them."""
    fields = {_PLACES.get(name.partition(".")[0], name): text
              for name, text in problem.fields.items()}  # fmt: skip
    return replace(problem, fields=fields)


def look_at(form: Form, *, actor: Actor) -> tuple[list[CheckedFile], dict[str, str]]:
    """The files in the form that may be kept, and what is wrong with the others.

    Raises TooMany when a guest's address sends files without end.
    """
    files, shots = (_of(form, name) for name in FILE_FIELDS)
    if not (files or shots):
        return [], {}
    if too_many := _too_many(len(files) + len(kept_ids(form))):
        return [], {FILES: too_many}
    if len(shots) > 1:
        return [], {SCREENSHOT: "Please send one screenshot."}
    if not actor.is_signed_in:
        tickets.limit_files(actor.address)
    good, wrong = _checked(files)
    shot, wrong_shot = _checked(shots, is_screenshot=True)
    said = {FILES: wrong, SCREENSHOT: wrong_shot}
    return [*good, *shot], {field: text for field, text in said.items() if text}


def _too_many(count: int) -> str:
    return f"Please send at most {tickets.MAX_FILES} files." if count > tickets.MAX_FILES else ""


def _checked(
    sent: Sequence[SentFile], *, is_screenshot: bool = False
) -> tuple[list[CheckedFile], str]:
    """The files that may be kept, and a sentence for each of the others."""
    good: list[CheckedFile] = []
    wrong: list[str] = []
    for file in sent:
        try:
            good.append(tickets.check_file(
                file.name, file.data, declared=file.declared, is_screenshot=is_screenshot
            ))  # fmt: skip
        except Invalid as error:
            wrong.append(f"{_shown(file.name)}: {error}")
    return good, " ".join(wrong)


def _of(form: Form, name: str) -> Sequence[SentFile]:
    return form.files.get(name, [])


def _shown(name: str) -> str:
    return name if len(name) <= SHOWN else f"{name[:SHOWN]}…"


def keep(files: Sequence[CheckedFile], *, actor: Actor) -> list[str]:
    """Keep the files of a form that comes back, so that they need not be chosen again.

    Gives their ids; a guest's cannot be kept, since they would be nobody's.
    """
    ids: list[str] = []
    if actor.is_signed_in:
        with suppress(SupportError):
            for file in files:
                with unit_of_work() as db:
                    kept = tickets.keep_upload(db, file.name, file.data, actor=actor)
                    ids.append(kept.id)
    return ids
