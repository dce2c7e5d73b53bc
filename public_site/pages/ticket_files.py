"""The files of the ticket form: sent before it by the script, or with it by the browser itself."""

from collections.abc import Sequence
from contextlib import suppress

from models import tickets
from models.db import unit_of_work
from models.errors import Invalid, SupportError
from models.tickets import CheckedFile
from public_site.door import Visit
from public_site.forms import Form
from public_site.sent_files import SentFile

FILES = "files"
SCREENSHOT = "screenshot"
FILE_FIELDS = (FILES, SCREENSHOT)
KEPT = "attachment."
SHOWN = 60


def kept_ids(form: Form) -> list[str]:
    """The ids of files that the server has already, each in a field of its own."""
    return [value for name, value in form.values.items() if name.startswith(KEPT) and value]


def page_fields(form: Form) -> frozenset[str]:
    """The fields of the form that are about files, which no deed knows by these names."""
    return frozenset({*FILE_FIELDS, *(name for name in form.values if name.startswith(KEPT))})


def look_at(visit: Visit) -> tuple[list[CheckedFile], dict[str, str]]:
    """The files in the ticket form that may be kept, and what is wrong with the others.

    Raises TooMany when a guest's address sends files without end.
    """
    files, shots = (_of(visit.form, name) for name in FILE_FIELDS)
    if not (files or shots):
        return [], {}
    if too_many := _too_many(len(files) + len(kept_ids(visit.form))):
        return [], {FILES: too_many}
    if len(shots) > 1:
        return [], {SCREENSHOT: "Please send one screenshot."}
    if not visit.actor.is_signed_in:
        tickets.limit_files(visit.actor.address)
    good, wrong = _checked(files)
    shot, wrong_shot = _checked(shots, is_screenshot=True)
    said = {FILES: wrong, SCREENSHOT: wrong_shot}
    return [*good, *shot], {field: text for field, text in said.items() if text}


def with_reply(form: Form) -> list[CheckedFile]:
    """The files of a reply, looked at before any transaction. Raises Invalid at ``files``."""
    sent = _of(form, FILES)
    if too_many := _too_many(len(sent)):
        raise Invalid({FILES: too_many})
    good, wrong = _checked(sent)
    if wrong:
        raise Invalid({FILES: wrong})
    return good


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


def keep(visit: Visit, files: Sequence[CheckedFile]) -> list[str]:
    """Keep the files of a form that comes back, so that they need not be chosen again.

    Gives their ids; a guest's cannot be kept, since they would be nobody's.
    """
    ids: list[str] = []
    if visit.actor.is_signed_in:
        with suppress(SupportError):
            for file in files:
                with unit_of_work() as db:
                    kept = tickets.keep_upload(db, file.name, file.data, actor=visit.actor)
                    ids.append(kept.id)
    return ids
