"""Files at tickets: kept first, attached once, seen by whoever sees what they hang at.

The bytes go to the storage before the row goes to the database, so that a crash leaves a file
without a row, which ``sweep_uploads`` removes, and never a row without its file.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from models import audit, images, kb, permissions
from models import db as database
from models.actor import Actor
from models.adapters import storage
from models.base import now
from models.errors import Invalid, NotFound, TooMany, Unavailable
from models.tickets import filenames
from models.tickets.queries import own_of
from models.tickets.tables import Attachment, AttachmentKind, Ticket, TicketMessage

MAX_FILE = 10_000_000
MAX_WAITING = 20
MAX_BYTES_A_DAY = 200_000_000
DAY = timedelta(days=1)
# Longer than it takes from a file to its row; what was deleted is gone within a day.
SWEPT_AFTER = timedelta(hours=12)
SWEPT_AT_ONCE = 100
_ONCE = "Each file can be attached once, by whoever sent it. Please send it again."


def keep_upload(
    db: Session, name: str, data: bytes, *, declared: str = "", actor: Actor
) -> Attachment:
    """Keep a file until it is attached. What it is, its bytes decide; pictures are drawn anew.

    Raises NotSignedIn, Invalid, WrongType for bytes that are not what ``declared`` says, TooMany
    above 20 waiting files or 200 MB a day, Unavailable when it cannot be kept.
    """
    permissions.require_sign_in(actor)
    if not data:
        raise Invalid({"file": "This file is empty."})
    if len(data) > MAX_FILE:
        raise Invalid({"file": "Please send files of at most 10 MB."})
    database.lock(db, f"uploads:{actor.user_id}")
    _limit(db, actor)
    kind = filenames.kind_of(data)
    filenames.require_as_declared(kind, declared)
    if kind in filenames.PICTURES:
        picture = images.clean(data)
        data, kind = picture.data, picture.content_type
    attachment = Attachment(
        owner_id=actor.user_id,
        name=filenames.cleaned(name),
        size=len(data),
        content_type=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        storage_name=_stored(data),
        created_at=now(),
    )
    db.add(attachment)
    db.flush()
    audit.record(
        db, "upload.keep", "attachment", attachment.id, actor=actor, size=len(data), type=kind
    )
    return attachment


def _stored(data: bytes) -> str:
    try:
        return storage.put(data)
    except OSError as error:
        raise Unavailable("The file cannot be kept now. Please try again later.") from error


def _limit(db: Session, actor: Actor) -> None:
    own = Attachment.owner_id == actor.user_id
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


def attachments_of(db: Session, ticket: Ticket, *, for_customer: bool) -> list[Attachment]:
    """All files of a ticket and its messages, in order; without those of internal notes."""
    files = select(Attachment).where(Attachment.ticket_id == ticket.id).order_by(Attachment.id)
    if for_customer:
        internal = select(TicketMessage.id).where(
            TicketMessage.ticket_id == ticket.id, TicketMessage.is_internal
        )
        files = files.where(
            or_(Attachment.message_id.is_(None), Attachment.message_id.not_in(internal))
        )
    return list(db.scalars(files))


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
