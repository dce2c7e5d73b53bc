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
    """The files in the form that may be kept, and what is wrong with the others.

    Raises TooMany when a guest's address sends files without end.
    """
    sent = [(file, name == SCREENSHOT) for name in FILE_FIELDS for file in _of(visit.form, name)]
    if not sent:
        return [], {}
    if len(_of(visit.form, FILES)) + len(kept_ids(visit.form)) > tickets.MAX_FILES:
        return [], {FILES: f"Please send at most {tickets.MAX_FILES} files."}
    if len(_of(visit.form, SCREENSHOT)) > 1:
        return [], {SCREENSHOT: "Please send one screenshot."}
    if not visit.actor.is_signed_in:
        tickets.limit_files(visit.actor.address)
    good: list[CheckedFile] = []
    wrong: dict[str, list[str]] = {}
    for file, is_screenshot in sent:
        try:
            good.append(tickets.check_file(
                file.name, file.data, declared=file.declared, is_screenshot=is_screenshot
            ))  # fmt: skip
        except Invalid as error:
            field = SCREENSHOT if is_screenshot else FILES
            wrong.setdefault(field, []).append(f"{_shown(file.name)}: {error}")
    return good, {field: " ".join(sentences) for field, sentences in wrong.items()}


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
