"""Mail: the outbox, what mails say, and their delivery with retries."""

from models.notifications.actions import dead_mail, drop, send_again
from models.notifications.delivery import Delivered, check, check_settings, deliver_due
from models.notifications.kinds import MailKind
from models.notifications.outbox import enqueue
from models.notifications.queries import (
    MailFilter,
    MailRow,
    OutboxHealth,
    health,
    newest_errors,
    undelivered,
)
from models.notifications.remains import sweep
from models.notifications.stops import StopInfo, allow_mails, stop_info, stop_link, stop_mails
from models.notifications.tables import MailStatus, MailStop, OutboxMail
from models.notifications.worker import Worker, wake

__all__ = [
    "Delivered",
    "MailFilter",
    "MailKind",
    "MailRow",
    "MailStatus",
    "MailStop",
    "OutboxHealth",
    "OutboxMail",
    "StopInfo",
    "Worker",
    "allow_mails",
    "check",
    "check_settings",
    "dead_mail",
    "deliver_due",
    "drop",
    "enqueue",
    "health",
    "newest_errors",
    "send_again",
    "stop_info",
    "stop_link",
    "stop_mails",
    "sweep",
    "undelivered",
    "wake",
]
