"""A copy of one's own data: a ZIP of JSON and files, with what its owner may see and no more.

It is written part by part, one ticket and one file in memory at a time, and bounded: past the
limit, files are named in the JSON and left out of the ZIP.
"""

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import audit, permissions, throttle, users
from models import tickets as room
from models.actor import Actor
from models.db import reading
from models.errors import Unavailable
from models.tickets import Ticket, TicketView

MAX_FILES_BYTES = 500_000_000
EXPORTS_AN_HOUR = 5
HOUR = timedelta(hours=1)


def record_own(db: Session, *, actor: Actor) -> None:
    """Keep in the audit log that somebody takes a copy of their own data.

    Raises NotSignedIn, NotPermitted for an API token, TooMany above 5 an hour.
    """
    permissions.require_in_person(actor)
    throttle.take(db, f"export:own:{actor.user_id}", limit=EXPORTS_AN_HOUR, window=HOUR)
    audit.record(db, "export.own", "user", actor.user_id, actor=actor, subject_id=actor.user_id)


def write_own(out: IO[bytes], *, actor: Actor) -> None:
    """Write the ZIP. Opens its own short reads, so that nothing is held while it is written."""
    permissions.require_sign_in(actor)
    room_left = MAX_FILES_BYTES
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with reading() as db:
            _add(archive, "account.json", _account(db, actor))
            numbers = list(db.scalars(
                room.own_of(actor).with_only_columns(Ticket.id).order_by(Ticket.number)
            ))  # fmt: skip
        for ticket_id in numbers:
            with reading() as db:
                view = room.own_view(db, db.get_one(Ticket, ticket_id), actor=actor)
                rating = room.rating_of(db, db.get_one(Ticket, ticket_id), actor=actor)
                given = {"score": rating.score, "comment": rating.comment} if rating else None
                folder = f"tickets/{view.summary.ticket_number}"
                _add(archive, f"{folder}.json", {**_ticket(view), "rating": given})
            for file in view.files:
                if file.size <= room_left:
                    room_left -= file.size
                    _add_file(archive, f"{folder}/{file.id}-{file.name}", file)


def _add(archive: zipfile.ZipFile, name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    archive.writestr(name, text.encode(errors="replace"))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _add_file(archive: zipfile.ZipFile, name: str, file: room.Attachment) -> None:
    try:
        archive.writestr(name, room.content_of(file))
    except Unavailable as error:  # the copy tells of it instead of ending in the middle
        archive.writestr(f"{name}.missing.txt", str(error))


def _account(db: Session, actor: Actor) -> dict[str, Any]:
    person = users.get(db, actor.user_id or "", actor=actor)
    names = (
        "id", "email", "name", "role", "plan", "external_id", "created_at", "email_verified_at",
        "last_login_at", "reply_mails_stopped_at", "deletion_asked_at",
    )  # fmt: skip
    return {
        **{name: getattr(person, name) for name in names},
        "sign_ins": [
            {"since": row.created_at, "last_seen": row.last_seen_at, "address": row.address,
             "browser": row.user_agent}
            for row in users.own_sign_ins(db, actor=actor)
        ],
        "api_tokens": [
            {"name": token.name, "scopes": token.scopes, "created": token.created_at,
             "expires": token.expires_at, "revoked": token.revoked_at}
            for token, _ in users.tokens(db, actor=actor)
        ],
        "gateways": [
            {"name": item.name, "type": item.type, "status": item.status}
            for item in users.gateways(db, person.id, actor=actor)
        ],
        "deeds": list(_deeds(db, person.id)),
    }  # fmt: skip


def _deeds(db: Session, user_id: str) -> Iterator[dict[str, Any]]:
    """What the person did, by name and time; of staff's deeds nothing."""
    entry = audit.AuditEntry
    rows = select(entry.at, entry.action, entry.address).where(entry.actor_id == user_id)
    for at, action, address in db.execute(rows.order_by(entry.id.desc()).limit(1000)):
        yield {"at": at, "action": action, "address": address}


def _ticket(view: TicketView) -> dict[str, Any]:
    """A ticket as its customer sees it."""
    found = view.summary
    names = (
        "ticket_number", "type", "category", "severity", "title", "status", "resolution",
        "resolved_at", "created_at", "updated_at",
    )  # fmt: skip
    return {
        **{name: getattr(found, name) for name in names},
        "description": view.description,
        "context": view.context_data,
        "agent": found.assigned_to.name if found.assigned_to else None,
        "messages": [
            {"from": item.sender_name if item.is_staff else "you", "at": item.created_at,
             "text": item.content}
            for item in view.messages
        ],
        "files": [
            {"name": file.name, "size": file.size, "type": file.content_type, "id": file.id}
            for file in view.files
        ],
    }  # fmt: skip
