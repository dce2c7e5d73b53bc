"""From an outbox row to the message that goes over the wire, with headers nobody can bend.

Python's header classes take ``=?utf-8?q?=0aBcc:...?=`` in a value for an encoded word, decode it,
and write its line feed out raw: a header of the attacker's own. So no text gets to them that looks
like an encoded word, and each finished header is looked at once more before it goes.
"""

import re
from datetime import datetime
from email import policy
from email.headerregistry import Address, BaseHeader, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import Policy
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import idna

from models.adapters.mail import KIND_HEADER
from models.notifications.tables import OutboxMail

MAX_SUBJECT = 200
MAX_NAME = 120
MAX_HOST = 120
MAX_HEADER = 900
MAX_PLAIN_LINE = 900  # a line has at most 998 octets, RFC 5322, 2.1.1
# Everything that ends a line for some program, other control characters, what reorders or hides
# the text after it, and what cannot be encoded.
_FOLDED = re.compile("[\x00-\x20\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_NOT_IN_ADDRESS = re.compile(r'[\s\x00-\x1f\x7f<>()\[\]:;,\\"@]|=\?')
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+:")
_PRINTABLE = re.compile(r"[\t -~]*")


def one_line(text: str) -> str:
    """The text on one line, without characters that steer programs instead of being seen."""
    return _FOLDED.sub(" ", text).strip()


def header_text(text: str, limit: int = MAX_SUBJECT) -> str:
    """Text for a header: one line, at most ``limit``, nothing that reads as an encoded word."""
    return one_line(text).replace("=?", "= ?")[:limit].strip()


def message_host(base_url: str) -> str:
    """The right side of message ids: the host of the site, in ASCII."""
    host = urlsplit(base_url).hostname or "localhost"
    if ":" in host:
        return f"[IPv6:{host}]"
    return _ascii_host(host)[-MAX_HOST:].lstrip(".-")


def plain_address(url: str) -> str:
    """The address with its host in ASCII, as headers need it."""
    host = urlsplit(url).hostname or ""
    return url if url.isascii() else url.replace(host, _ascii_host(host), 1)


def _ascii_host(host: str) -> str:
    return host if host.isascii() else idna.encode(host, uts46=True).decode()


def thread_id(ticket_id: str, host: str) -> str:
    """The message id that stands for a ticket; all its mails answer to it."""
    return f"<ticket.{ticket_id}@{host}>"


def build(mail: OutboxMail, *, sender: Address, sent_at: datetime) -> EmailMessage:
    """The message of a row, dated ``sent_at``. Raises ValueError when the row is no good mail."""
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = header_text(mail.subject)
    message["From"] = Address(header_text(sender.display_name), sender.username, sender.domain)
    message["To"] = _address(mail.recipient_name, mail.recipient)
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = mail.message_id
    for name, value in (mail.headers or {}).items():
        message[name] = header_text(value, MAX_HEADER)
    message[KIND_HEADER] = mail.kind.replace("_", "-")
    message.set_content(mail.text, cte=_transfer_encoding(mail.text))
    message.add_alternative(mail.html, subtype="html", cte=_transfer_encoding(mail.html))
    _check_headers(message)
    return message


def _address(name: str, email: str) -> Address:
    local, _, domain = email.rpartition("@")
    if not (local and domain) or _NOT_IN_ADDRESS.search(local + domain):
        raise ValueError("the recipient is not one plain address")
    return Address(header_text(name, MAX_NAME), local, domain)


def _transfer_encoding(text: str) -> str:
    # Plain where it can be: the links in it stay whole for whoever reads the raw mail.
    is_plain = text.isascii() and all(len(line) <= MAX_PLAIN_LINE for line in text.split("\n"))
    return "7bit" if is_plain else "quoted-printable"


def _check_headers(message: EmailMessage) -> None:
    for name, value in message.items():
        lines = message.policy.fold(name, value).removesuffix("\r\n").split("\r\n")
        follow = all(line.startswith((" ", "\t")) and line.strip() for line in lines[1:])
        if not (follow and _HEADER_NAME.match(lines[0]) and _PRINTABLE.fullmatch("".join(lines))):
            raise ValueError("a header is not clean")


class _OneLine(BaseHeader):
    """A header that goes as it is, on one line; what is no clean one is refused afterwards."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = None, value

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> "policy.EmailPolicy[EmailMessage]":
    # As they come, these are unstructured headers, and a long message id or address in such a one
    # is written as encoded words, which breaks the thread and the link.
    registry = HeaderRegistry()
    for name in ("In-Reply-To", "References"):
        registry.map_to_type(name, MessageIDHeader)  # type: ignore[arg-type]  # a mixin, as asked for
    registry.map_to_type("List-Unsubscribe", _OneLine)
    return policy.SMTP.clone(header_factory=registry)


_POLICY = _policy()
