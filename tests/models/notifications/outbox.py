"""People and mails for the tests of the outbox."""

from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import select

from models import db, notifications, schema
from models.base import now
from models.notifications import MailKind, OutboxMail
from models.users import User

assert schema.metadata.tables  # all tables are known, whichever test runs alone

URL = "http://127.0.0.1:8000/support/TICKET-0042"
SECRET_URL = "http://127.0.0.1:8000/support/t/the-private-token"
CONTEXT: dict[str, object] = {
    "number": "TICKET-0042",
    "title": "The gateway is offline",
    "url": URL,
    "agent_name": "Ann Agent",
    "by_name": "Bob Boss",
    "customer_name": "Jane Doe",
    "severity": "High",
    "text": "Good morning.\n\nIt works again.",
    "resolution": "Restarted the gateway.",
    "rating_url": "https://support.example.com/support/TICKET-0042/rating",
    "minutes": 30,
}


def person(name: str = "Jane Doe", email: str | None = "jane@example.com") -> User:
    """Somebody with a proven address, kept by nobody."""
    return User(name=name, email=email, email_verified_at=now())


def put(
    kind: MailKind = MailKind.TICKET_REPLY,
    *,
    to: User | None = None,
    due_at: datetime | None = None,
    **context: object,
) -> str:
    """Put a mail into the outbox and give its id."""
    with db.unit_of_work() as session:
        mail = notifications.enqueue(
            session, kind, to=to or person(), context={**CONTEXT, **context}, due_at=due_at
        )
    assert mail is not None
    return mail.id


def put_many(count: int) -> list[str]:
    """Put as many mails into the outbox, in one go, and give their ids."""
    with db.unit_of_work() as session:
        mails = [
            notifications.enqueue(session, MailKind.TICKET_REPLY, to=person(), context=CONTEXT)
            for _ in range(count)
        ]
    return [mail.id for mail in mails if mail is not None]


def change(mail_id: str, **values: object) -> None:
    """Bend a row."""
    with db.unit_of_work() as session:
        mail = session.get_one(OutboxMail, mail_id)
        for name, value in values.items():
            setattr(mail, name, value)


def row(mail_id: str) -> OutboxMail:
    """The row as it is now."""
    with db.reading() as session:
        return session.get_one(OutboxMail, mail_id)


def statuses() -> list[str]:
    """The status of each mail, oldest first."""
    with db.reading() as session:
        return list(session.scalars(select(OutboxMail.status).order_by(OutboxMail.id)))


class Pigeon:
    """A mailer that keeps what it is given, or raises what a test told it to."""

    def __init__(self, *errors: Exception | None) -> None:
        self.sent: list[EmailMessage] = []
        self.tries = 0
        self._errors = list(errors)

    def send(self, message: EmailMessage) -> None:
        self.tries += 1
        error = self._errors.pop(0) if self._errors else None
        if error is not None:
            raise error
        self.sent.append(message)

    def check(self) -> str:
        return "a pigeon"

    def close(self) -> None:
        """Nothing to close."""


def header_lines(raw: bytes) -> list[str]:
    """The names of the headers as a program without mercy reads them: line by line."""
    head = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n")[0]
    names = [
        line.split(b":")[0] for line in head.split(b"\n") if not line.startswith((b" ", b"\t"))
    ]
    return sorted(name.decode("utf-8", "replace").lower() for name in names)
