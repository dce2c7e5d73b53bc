"""Sending what is due: claim, send, note the result.

Claiming and noting are short units of work and sending happens between them, so that a slow mail
server holds no lock. A claim is a lease: if the worker dies, another one sends the mail after it
ends. Only a death between the server's answer and our note of it can send a mail twice, with the
same Message-ID.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage

from sqlalchemy import ColumnElement, or_, select, update

from models.adapters.mail import (
    MailDelayed,
    Mailer,
    MailRefused,
    MailServerAway,
    current_mailer,
    sender,
)
from models.base import now
from models.db import reading, unit_of_work
from models.errors import Unavailable
from models.notifications.message import build, one_line
from models.notifications.tables import MailStatus, OutboxMail
from models.settings import current as settings

# A round ends long before its lease, even if the last mail takes all the time a server may take.
LEASE = timedelta(minutes=5)
ROUND_SECONDS = 120.0
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_WAIT_FOR_SERVER = timedelta(minutes=5)
JITTER = 0.2
MAX_TRIES = 30  # with these waits a bit more than a day
NOTE_AGAIN_SECONDS = 0.5
MAX_ERROR = 500
log = logging.getLogger("supportdesk.mail")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the mails of one round."""

    sent: int = 0
    delayed: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one mail; ``is_away``: nothing can be sent at all."""

    status: MailStatus
    error: str | None = None
    is_away: bool = False


_SENT = _Outcome(MailStatus.SENT)


def deliver_due(
    limit: int = 50, mailer: Mailer | None = None, *, stopping: Callable[[], bool] | None = None
) -> Delivered:
    """Send up to ``limit`` due mails, oldest first, through ``mailer`` or that of the settings.

    ``stopping`` is asked between mails. Raises BadSettings when the mail settings are wrong, and
    Unavailable when the database is.
    """
    if not _is_any_due():
        return Delivered()
    made = mailer or current_mailer(settings())
    try:
        return _Round(made, sender(settings()), stopping or _never).deliver(limit)
    finally:
        if mailer is None:
            made.close()


def check_settings() -> None:
    """Raise BadSettings when the mail settings are wrong; nobody is asked over the network."""
    sender(settings())
    current_mailer(settings()).close()


def check() -> str:
    """Say where mail goes, without sending any.

    Raises BadSettings when the mail settings are wrong, and MailServerAway when nothing can go
    there now.
    """
    check_settings()
    mailer = current_mailer(settings())
    try:
        return mailer.check()
    finally:
        mailer.close()


def _never() -> bool:
    return False


def _due(at: datetime) -> ColumnElement[bool]:
    is_free = or_(OutboxMail.claimed_until.is_(None), OutboxMail.claimed_until <= at)
    return (OutboxMail.status == MailStatus.WAITING.value) & (OutboxMail.due_at <= at) & is_free


def _is_any_due() -> bool:
    # Looked up without a write lock, since most of the time there is nothing to do.
    with reading() as db:
        return db.scalar(select(OutboxMail.id).where(_due(now())).limit(1)) is not None


class _Round:
    """One claim of mails and their delivery."""

    def __init__(self, mailer: Mailer, sender: Address, stopping: Callable[[], bool]) -> None:
        self._mailer = mailer
        self._sender = sender
        self._stopping = stopping
        self._lease = now() + LEASE
        self._ends_at = time.monotonic() + ROUND_SECONDS

    def deliver(self, limit: int) -> Delivered:
        left = self._claim(limit)
        counts: Counter[MailStatus] = Counter()
        away: _Outcome | None = None
        try:
            while left and not self._is_over():
                outcome = self._try(left.pop(0), away)
                if outcome is not None:
                    counts[outcome.status] += 1
                    away = outcome if outcome.is_away else away
        finally:
            self._give_back(left)
        return Delivered(
            counts[MailStatus.SENT], counts[MailStatus.WAITING], counts[MailStatus.DEAD]
        )

    def _is_over(self) -> bool:
        return self._stopping() or time.monotonic() > self._ends_at

    def _claim(self, limit: int) -> list[str]:
        # On PostgreSQL rows that another worker is claiming are skipped; on SQLite, which has no
        # such clause, there is one writer at a time.
        with unit_of_work() as db:
            oldest = select(OutboxMail.id).where(_due(now()))
            oldest = oldest.order_by(OutboxMail.due_at, OutboxMail.id).limit(limit)
            ids = list(db.scalars(oldest.with_for_update(skip_locked=True)))
            db.execute(
                update(OutboxMail)
                .where(OutboxMail.id.in_(ids))
                .values(claimed_until=self._lease)
                .execution_options(synchronize_session=False)
            )
        return ids

    def _give_back(self, ids: list[str]) -> None:
        if not ids:
            return
        with suppress(Unavailable), unit_of_work() as db:  # otherwise the lease ends by itself
            db.execute(update(OutboxMail).where(self._ours(ids)).values(claimed_until=None))

    def _ours(self, ids: list[str]) -> ColumnElement[bool]:
        return (
            OutboxMail.id.in_(ids)
            & (OutboxMail.status == MailStatus.WAITING.value)
            & (OutboxMail.claimed_until == self._lease)
        )

    def _try(self, mail_id: str, away: _Outcome | None) -> _Outcome | None:
        """Send one mail and note what became of it; None if it is no longer ours."""
        try:
            mail = self._read(mail_id)
            if mail is None:
                return None
            message = build(mail, sender=self._sender, sent_at=now())
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  # a row that cannot be read must not stop the others
            outcome = _Outcome(MailStatus.DEAD, f"cannot be made: {type(error).__name__}")
            self._note(mail_id, _change(outcome), outcome)
            return outcome
        outcome = away or _sent(self._mailer, message)
        if outcome.status is MailStatus.WAITING and not outcome.is_away:
            outcome = _given_up(outcome, mail.attempts + 1)
        self._note(mail_id, _change(outcome, mail), outcome)
        return outcome

    def _read(self, mail_id: str) -> OutboxMail | None:
        # The lease is looked at again: the machine may have slept since the claim.
        with reading() as db:
            is_ours = self._ours([mail_id])
            return None if self._lease <= now() else db.scalar(select(OutboxMail).where(is_ours))

    def _note(self, mail_id: str, change: dict[str, object], outcome: _Outcome) -> None:
        """Keep the result; a database that is away for a moment must not send a mail twice."""
        if outcome is not _SENT:
            log.warning("mail %s is %s: %s", mail_id, outcome.status, outcome.error)
        while not _is_noted(mail_id, change):
            if now() > self._lease:
                raise Unavailable("The result of a mail cannot be noted.")
            time.sleep(NOTE_AGAIN_SECONDS)


def _is_noted(mail_id: str, change: dict[str, object]) -> bool:
    try:
        with unit_of_work() as db:
            db.execute(update(OutboxMail).where(OutboxMail.id == mail_id).values(change))
    except Unavailable:
        return False
    return True


def _sent(mailer: Mailer, message: EmailMessage) -> _Outcome:
    try:
        mailer.send(message)
    except MailServerAway as error:
        return _Outcome(MailStatus.WAITING, str(error), is_away=True)
    except MailDelayed as error:
        return _Outcome(MailStatus.WAITING, str(error))
    except MailRefused as error:
        return _Outcome(MailStatus.DEAD, str(error))
    except Exception as error:  # noqa: BLE001  # one odd mail must not stop the others
        return _Outcome(MailStatus.WAITING, f"failed: {type(error).__name__}")
    return _SENT


def _given_up(outcome: _Outcome, tries: int) -> _Outcome:
    if tries < MAX_TRIES:
        return outcome
    return _Outcome(MailStatus.DEAD, f"given up after {tries} tries: {outcome.error}")


def _change(outcome: _Outcome, mail: OutboxMail | None = None) -> dict[str, object]:
    """The new values of a row."""
    change: dict[str, object] = {
        "status": outcome.status.value,
        "claimed_until": None,
        "last_error": one_line(outcome.error)[:MAX_ERROR] if outcome.error else None,
    }
    # Tries count when the server looked at the mail; while it is away, mails wait without end.
    if not outcome.is_away:
        change["attempts"] = OutboxMail.attempts + 1
    if outcome.status is MailStatus.WAITING and mail is not None:
        change["due_at"] = now() + _wait(outcome, mail)
    if outcome.status is MailStatus.SENT:
        # The words are not kept: they hold private links, and the ticket has them anyway.
        change |= {"sent_at": now(), "text": "", "html": ""}
    return change


def _wait(outcome: _Outcome, mail: OutboxMail) -> timedelta:
    """How long until the next try: each time about twice as long, with jitter.

    While the server is away the age of the mail counts instead of the tries, up to five minutes,
    so that everything is out soon after it comes back.
    """
    if outcome.is_away:
        wait = min(max(now() - mail.created_at, FIRST_WAIT), LONGEST_WAIT_FOR_SERVER)
    else:
        wait = min(FIRST_WAIT * 2 ** min(mail.attempts, 10), LONGEST_WAIT)
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # no secret
