"""Mail: the outbox, what mails say, and their delivery with retries."""

from models.notifications.delivery import Delivered, check, check_settings, deliver_due
from models.notifications.kinds import MailKind
from models.notifications.outbox import enqueue
from models.notifications.queries import OutboxHealth, health
from models.notifications.tables import MailStatus, OutboxMail
from models.notifications.worker import Worker, wake

__all__ = [
    "Delivered",
    "MailKind",
    "MailStatus",
    "OutboxHealth",
    "OutboxMail",
    "Worker",
    "check",
    "check_settings",
    "deliver_due",
    "enqueue",
    "health",
    "wake",
]
