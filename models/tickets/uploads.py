"""Files at tickets: kept first, attached once, seen by whoever sees what they hang at.

The bytes go to the storage before the row goes to the database, so that a crash leaves a file
without a row, which ``sweep_uploads`` removes, and never a row without its file.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from models import audit, images, kb, permissions, throttle
from models import db as database
from models.actor import Actor
from models.adapters import storage
from models.base import now
from models.errors import Invalid, NotFound, TooMany, Unavailable
from models.tickets import filenames
from models.tickets.deeds import MAX_FILES
from models.tickets.queries import own_of
from models.tickets.tables import Attachment, AttachmentKind, Ticket, TicketMessage

MAX_FILE = 10_000_000
MAX_WAITING = 20
MAX_BYTES_A_DAY = 200_000_000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FORMS_WITH_FILES_AN_HOUR = 30
# Longer than it takes from a file to its row; what was deleted is gone within a day.
SWEPT_AFTER = timedelta(hours=12)
SWEPT_AT_ONCE = 100
_ONCE = "Each file can be attached once, by whoever sent it. Please send it again."


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept: pictures are drawn anew, the name is fit to be shown."""

    name: str
    data: bytes
    content_type: str
    is_screenshot: bool = False

    @property
    def fingerprint(self) -> str:
        """What tells one file from another."""
        return f"{self.name}\n{self.is_screenshot}\n{hashlib.sha256(self.data).hexdigest()}"


def check_file(
    name: str, data: bytes, *, declared: str = "", is_screenshot: bool = False
) -> CheckedFile:
    """Look at a file that came with a form, before any transaction: drawing takes its time.

    Raises Invalid, WrongType for bytes that are not what ``declared`` says.
    """
    _require_size(data)
    kind = filenames.kind_of(data)
    filenames.require_as_declared(kind, declared)
    if kind in filenames.PICTURES:
        picture = images.clean(data)
        data, kind = picture.data, picture.content_type
    if is_screenshot and kind not in filenames.SHOWN:
        raise Invalid({"file": "A screenshot is a picture."})
    return CheckedFile(filenames.cleaned(name), data, kind, is_screenshot)


def limit_files(address: str | None) -> None:
    """Count a guest's form with files, sent or refused. Raises TooMany above 30 an hour."""
    with database.unit_of_work() as db:
        throttle.take(db, f"files:address:{address}", limit=FORMS_WITH_FILES_AN_HOUR, window=HOUR)


def keep_upload(
    db: Session, name: str, data: bytes, *, declared: str = "", actor: Actor
) -> Attachment:
    """Keep a file until it is attached. What it is, its bytes decide; pictures are drawn anew.

    Raises NotSignedIn, Invalid, WrongType for bytes that are not what ``declared`` says, TooMany
    above 20 waiting files or 200 MB a day, Unavailable when it cannot be kept.
    """
    permissions.require_sign_in(actor)
    _require_size(data)
    owner = actor.user_id or ""
    _limit(db, owner)
    file = check_file(name, data, declared=declared)
    attachment = _kept(db, file, owner)
    audit.record(
        db, "upload.keep", "attachment", attachment.id, actor=actor,
        size=attachment.size, type=attachment.content_type,
    )  # fmt: skip
    return attachment


def attach_new(
    db: Session,
    files: Sequence[CheckedFile],
    ticket: Ticket,
    message: TicketMessage | None = None,
) -> None:
    """Keep files that came with the form of the ticket or of a message; they are its sender's.

    Raises Invalid for more than 5, TooMany above 200 MB a day, Unavailable when they cannot be
    kept.
    """
    if not files:
        return
    if len([file for file in files if not file.is_screenshot]) > MAX_FILES:
        raise Invalid({"files": f"Please send at most {MAX_FILES} files."})
    owner = message.sender_id if message else ticket.user_id
    for file in files:
        _limit(db, owner)
        attachment = _kept(db, file, owner)
        attachment.ticket_id = ticket.id
        attachment.message_id = message.id if message else None
        if file.is_screenshot:
            attachment.kind = AttachmentKind.SCREENSHOT.value
    db.flush()


def _require_size(data: bytes) -> None:
    if not data:
        raise Invalid({"file": "This file is empty."})
    if len(data) > MAX_FILE:
        raise Invalid({"file": "Please send files of at most 10 MB."})


def _kept(db: Session, file: CheckedFile, owner_id: str) -> Attachment:
    attachment = Attachment(
        owner_id=owner_id,
        name=file.name,
        size=len(file.data),
        content_type=file.content_type,
        sha256=hashlib.sha256(file.data).hexdigest(),
        storage_name=_stored(file.data),
        created_at=now(),
    )
    db.add(attachment)
    db.flush()
    return attachment


def _stored(data: bytes) -> str:
    try:
        return storage.put(data)
    except OSError as error:
        raise Unavailable("The file cannot be kept now. Please try again later.") from error


def _limit(db: Session, owner_id: str) -> None:
    database.lock(db, f"uploads:{owner_id}")
    own = Attachment.owner_id == owner_id
    waiting = db.scalar(select(func.count()).where(own, Attachment.ticket_id.is_(None))) or 0
    today = db.scalar(
        select(func.sum(Attachment.size)).where(own, Attachment.created_at > now() - DAY)
    )
    if waiting >= MAX_WAITING or (today or 0) >= MAX_BYTES_A_DAY:
        raise TooMany(3600, "That are too many files. Attach those you sent, or wait a while.")


def attach(
    db: Session,
    ids: Sequence[str],
    ticket: Ticket,
    message: TicketMessage | None = None,
    *,
    actor: Actor,
) -> None:
    """Attach kept files to a ticket or to a message of it. Raises Invalid at ``attachmentIds``."""
    _attach(db, ids, "attachmentIds", actor, {
        "ticket_id": ticket.id, "message_id": message.id if message else None,
    })  # fmt: skip


def attach_screenshot(db: Session, file_id: str | None, ticket: Ticket, *, actor: Actor) -> None:
    """Make a kept picture the screenshot of a ticket. Raises Invalid at ``screenshotId``."""
    if file_id is not None:
        values = {"ticket_id": ticket.id, "kind": AttachmentKind.SCREENSHOT.value}
        _attach(db, [file_id], "screenshotId", actor, values, Attachment.content_type.in_(
            filenames.SHOWN
        ))  # fmt: skip


def _attach(
    db: Session, ids: Sequence[str], field: str, actor: Actor, values: dict[str, Any], *more: Any
) -> None:
    if not ids:
        return
    free = (Attachment.owner_id == actor.user_id) & Attachment.ticket_id.is_(None)
    taken = db.execute(
        update(Attachment)
        .where(Attachment.id.in_(ids), free, *more)
        .values(**values)
        .returning(Attachment.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(taken) != len(ids):
        raise Invalid({field: _ONCE})


def waiting_files(db: Session, ids: Sequence[str], *, actor: Actor) -> Sequence[Attachment]:
    """Those of these files that the actor sent and that wait to be attached, in this order."""
    if not actor.is_signed_in:
        return []
    own = (Attachment.owner_id == actor.user_id) & Attachment.ticket_id.is_(None)
    found = {row.id: row for row in db.scalars(select(Attachment).where(
        Attachment.id.in_(ids), own))}  # fmt: skip
    return [found[file_id] for file_id in dict.fromkeys(ids) if file_id in found]


def files_visible_to(actor: Actor) -> Select[Attachment]:
    """The files that exist for this actor: one's own that wait, and those at what one sees.

    Files of internal notes exist for agents only.
    """
    files = select(Attachment)
    attached: ColumnElement[bool]
    if permissions.may_any(actor, permissions.ON_TICKETS):
        attached = Attachment.ticket_id.is_not(None)
    else:
        public = select(TicketMessage.id).where(TicketMessage.is_internal.is_(False))
        attached = Attachment.ticket_id.in_(own_of(actor).with_only_columns(Ticket.id)) & or_(
            Attachment.message_id.is_(None), Attachment.message_id.in_(public)
        )
    waiting = Attachment.ticket_id.is_(None) & (Attachment.owner_id == actor.user_id)
    return files.where(or_(attached, waiting) if actor.guest_ticket_id is None else attached)


def attachment(db: Session, file_id: str, *, actor: Actor) -> Attachment:
    """A file by its id. Raises NotFound."""
    found = db.scalar(files_visible_to(actor).where(Attachment.id == file_id))
    if found is None:
        raise NotFound("There is no such file.")
    return found


def content_of(found: Attachment) -> bytes:
    """The bytes of a file. Raises Unavailable when they cannot be read."""
    try:
        return storage.get(found.storage_name)
    except OSError as error:
        raise Unavailable("This file cannot be read now.") from error


# Made once, since to put a statement together takes as long as to run it.
_FILES = (
    select(Attachment).where(Attachment.ticket_id == bindparam("ticket_id")).order_by(Attachment.id)
)
_NOTES = select(TicketMessage.id).where(
    TicketMessage.ticket_id == bindparam("ticket_id"), TicketMessage.is_internal
)
_FOR_CUSTOMER = _FILES.where(
    or_(Attachment.message_id.is_(None), Attachment.message_id.not_in(_NOTES))
)


def attachments_of(db: Session, ticket: Ticket, *, for_customer: bool) -> list[Attachment]:
    """All files of a ticket and its messages, in order; without those of internal notes."""
    files = _FOR_CUSTOMER if for_customer else _FILES
    return list(db.scalars(files, {"ticket_id": ticket.id}))


def sweep_uploads() -> Iterator[int]:
    """Remove files that nobody attached within a day, and whatever has no row.

    Gives how many after each batch; opens its own transactions.
    """
    waiting = Attachment.ticket_id.is_(None) & (Attachment.created_at < now() - DAY)
    while removed := _without_rows(waiting):
        for name in removed:
            storage.remove(name)
        yield len(removed)
    yield from _sweep_strangers()


def _without_rows(old: ColumnElement[bool]) -> list[str]:
    """Delete some of these rows; gives the names of their files."""
    with database.reading() as db:
        ids = list(db.scalars(select(Attachment.id).where(old).limit(SWEPT_AT_ONCE)))
    if not ids:
        return []
    with database.unit_of_work() as db:
        gone = delete(Attachment).where(Attachment.id.in_(ids), old)
        gone = gone.execution_options(synchronize_session=False)
        return list(db.scalars(gone.returning(Attachment.storage_name)))


def remove_parts() -> int:
    """Remove what a killed process left half written; gives how many files. Raises OSError."""
    return storage.remove_parts()


def _sweep_strangers() -> Iterator[int]:
    """Remove files that no row names, nor has named for a while."""
    if parts := remove_parts():
        yield parts
    before = (now() - SWEPT_AFTER).timestamp()
    old = [name for name, written in storage.names() if written < before]
    for start in range(0, len(old), SWEPT_AT_ONCE):
        some = old[start : start + SWEPT_AT_ONCE]
        strangers = set(some) - _known(some)
        for name in strangers:
            storage.remove(name)
        if strangers:
            yield len(strangers)


def _known(names: Sequence[str]) -> set[str]:
    """Those of the stored files that belong to something, pictures of articles too."""
    with database.reading() as db:
        attached = select(Attachment.storage_name).where(Attachment.storage_name.in_(names))
        return set(db.scalars(attached)) | kb.kept_files(db, names)
