"""What the server knows about the customer when a ticket is sent: gateways, recent actions."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import users
from models.actor import Actor
from models.audit import AuditEntry
from models.tickets.context import MAX_LIST

ACTIONS, GATEWAYS = "recentActions", "gatewayStatuses"


def known_context(db: Session, *, actor: Actor) -> dict[str, list[dict[str, Any]]]:
    """The gateways of the person who acts and the newest ten deeds, names and times only."""
    if not actor.is_signed_in or actor.user_id is None:
        return {}
    rows = users.gateways(db, actor.user_id, actor=actor)[:MAX_LIST]
    return {ACTIONS: _actions(db, actor.user_id), GATEWAYS: [
        {"id": row.id, "name": row.name, "type": row.type, "status": row.status} for row in rows
    ]}  # fmt: skip


def _actions(db: Session, user_id: str) -> list[dict[str, Any]]:
    newest = (
        select(AuditEntry.action, AuditEntry.at)
        .where(AuditEntry.actor_id == user_id, AuditEntry.object_type != "refusal")
        .order_by(AuditEntry.id.desc())
        .limit(MAX_LIST)
    )
    return [
        {"action": action, "timestamp": at.isoformat(timespec="seconds")}
        for action, at in db.execute(newest)
    ]


def completed(db: Session, kept: dict[str, Any], sent: Any, *, actor: Actor) -> dict[str, Any]:
    """The context with what the server knows.

    Nothing is added for who sent no context at all; a key that was sent, even an empty one, is the
    sender's word: so somebody keeps their actions or gateways to themselves.
    """
    if not isinstance(sent, dict):
        return kept
    known = known_context(db, actor=actor)
    return kept | {key: items for key, items in known.items() if items and key not in sent}
