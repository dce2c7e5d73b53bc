"""Sending mail: to an SMTP server, or by default as ``.eml`` files into a folder.

A mailer sends one message at a time and tells by its error what to do next. It never puts the
password of the SMTP server into an error or a log.
"""

import os
import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import uuid4

from models.settings import BadSettings, Settings

KIND_HEADER = "X-Support-Mail"
TIMEOUT_SECONDS = 10.0
DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
URL_SHAPE = (
    "SUPPORT_SMTP_URL: must be like smtp://mail.example.com:25, "
    "smtp+starttls://user:password@mail.example.com:587 or "
    "smtps://user:password@mail.example.com:465, with %40 for an @ in user or password"
)
FROM_SHAPE = "SUPPORT_MAIL_FROM: must be like Example Support <support@example.com>"
MAX_REASON = 300


class MailRefused(Exception):
    """The server will never take this mail; trying again is of no use."""


class MailDelayed(Exception):
    """The server did not take this mail now; trying again later can work."""


class MailServerAway(MailDelayed):
    """No mail can be sent now: server or folder not reachable, or the sign-in there fails."""


class Mailer(Protocol):
    """Whatever sends mail."""

    def send(self, message: EmailMessage) -> None:
        """Send to the one address in ``To``. Raises MailRefused, MailDelayed or MailServerAway."""

    def check(self) -> str:
        """Say where mail goes, without sending any. Raises MailServerAway."""

    def close(self) -> None:
        """End the connection; sending again opens another."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where and how to reach an SMTP server; ``security`` is the scheme of the URL."""

    security: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The server for people, without user and password."""
        return f"{self.host}:{self.port}"


def read_smtp_url(url: str) -> SmtpServer:
    """Read SUPPORT_SMTP_URL. Raises BadSettings with one line that holds nothing of the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSettings(URL_SHAPE) from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not _is_clean(url, parts) or port == 0 or not (user + password).isascii():
        raise BadSettings(URL_SHAPE)
    host = parts.hostname or ""
    return SmtpServer(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], user, password)


def _is_clean(url: str, parts: SplitResult) -> bool:
    return bool(
        parts.scheme in DEFAULT_PORTS
        and parts.hostname
        and parts.path in ("", "/")
        and not (parts.query or parts.fragment or re.search(r"[\s\x00-\x1f]", url))
        and parts.netloc.count("@") <= 1
        and bool(parts.username) == bool(parts.password)
    )


class SmtpMailer:
    """Sends through an SMTP server, several mails over one connection."""

    def __init__(
        self, server: SmtpServer, *, own_name: str = "localhost", timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self._server = server
        self._own_name = own_name
        self._timeout = timeout
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        connection = self._connected()
        try:
            connection.send_message(message, to_addrs=[_recipient(message)])
        except smtplib.SMTPSenderRefused as error:
            raise self._sender_refused(error) from None
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            raise self._refusal(code, reply) from None
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(self._without_secrets(str(error))) from None
        except OSError as error:
            connection.close()
            raise MailDelayed(f"connection lost: {self._reason(error)}") from None

    def check(self) -> str:
        self._connected()
        return f"SMTP server {self._server.name}"

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            _say_goodbye(connection)

    def _connected(self) -> smtplib.SMTP:
        """An open connection, the last one if the server still answers on it."""
        if self._connection is not None:
            with suppress(OSError):
                if self._connection.noop()[0] == 250:  # noqa: PLR2004  # RFC 5321, 4.2.3: done
                    return self._connection
            self.close()
        self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        try:
            connection = self._open()
            try:
                self._introduce(connection)
            except BaseException:
                connection.close()
                raise
        except OSError as error:
            raise MailServerAway(f"{self._server.name}: {self._reason(error)}") from None
        return connection

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "smtps":
            return smtplib.SMTP_SSL(
                server.host,
                server.port,
                local_hostname=self._own_name,
                timeout=self._timeout,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(
            server.host, server.port, local_hostname=self._own_name, timeout=self._timeout
        )

    def _introduce(self, connection: smtplib.SMTP) -> None:
        # STARTTLS that is asked for and not offered is an error: nothing goes in the clear.
        if self._server.security == "smtp+starttls":
            connection.starttls(context=ssl.create_default_context())
        connection.ehlo_or_helo_if_needed()
        if self._server.user:
            connection.login(self._server.user, self._server.password)

    def _sender_refused(self, error: smtplib.SMTPSenderRefused) -> Exception:
        # The sender is our own setting, not a fault of this mail: keep the mail until it is
        # corrected. Only "too large" (552) is about the mail itself.
        if error.smtp_code == 552:  # noqa: PLR2004  # RFC 5321, 4.2.3
            return self._refusal(error.smtp_code, error.smtp_error)
        reply = self._reason(error)
        return MailServerAway(f"{self._server.name} refuses the sender: {reply}")

    def _refusal(self, code: int, reply: bytes | str) -> Exception:
        reason = self._without_secrets(f"{code} {_readable(reply)}")
        is_permanent = 500 <= code <= 599  # noqa: PLR2004  # RFC 5321, 4.2.1
        return MailRefused(reason) if is_permanent else MailDelayed(reason)

    def _reason(self, error: OSError) -> str:
        if isinstance(error, smtplib.SMTPResponseException):
            return self._without_secrets(f"{error.smtp_code} {_readable(error.smtp_error)}")
        return self._without_secrets(str(error) or type(error).__name__)

    def _without_secrets(self, text: str) -> str:
        for secret in (self._server.password, self._server.user):
            text = text.replace(secret, "***") if secret else text
        return " ".join(text.split())[:MAX_REASON]


def _say_goodbye(connection: smtplib.SMTP) -> None:
    # Sends QUIT and closes; a server that is gone already is no matter. An answer is not waited
    # for long, since nothing hangs on it.
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.settimeout(1)
        connection.quit()
    connection.close()


def _readable(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return "".join(char if char.isprintable() else " " for char in text)


class FolderMailer:
    """Writes each mail as an ``.eml`` file; the names sort by time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        name = _file_name(message)
        hidden = self._folder / f".{name}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_new(hidden, _as_bytes(message))
            hidden.replace(self._folder / name)
        except OSError as error:
            with suppress(OSError):
                hidden.unlink(missing_ok=True)
            raise MailServerAway(f"{self._folder}: {error.strerror}") from None

    def check(self) -> str:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise MailServerAway(f"{self._folder}: {error.strerror}") from None
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise MailServerAway(f"{self._folder}: cannot be written")
        return f"files in {self._folder}"

    def close(self) -> None:
        """Nothing is open between two mails."""


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _as_bytes(message: EmailMessage) -> bytes:
    # Line feeds alone, for the tools that people read files with; mail programs take both.
    is_international = not _recipient(message).isascii()
    return message.as_bytes(policy=policy.default.clone(utf8=is_international))


def _file_name(message: EmailMessage) -> str:
    time = datetime.now(UTC).strftime("%Y%m%d-%H%M%S.%f")
    kind = _safe(str(message.get(KIND_HEADER, "mail")))
    recipient = _safe(_recipient(message).replace("@", " at "))
    return f"{time}-{kind}-to-{recipient}-{uuid4().hex[:6]}.eml"


def _safe(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")[:60] or "unknown"


def _recipient(message: EmailMessage) -> str:
    addresses = cast("AddressHeader", message["To"]).addresses
    if len(addresses) != 1:
        raise MailRefused("not exactly one recipient")
    return str(addresses[0].addr_spec)


def sender(settings: Settings) -> Address:
    """The address in SUPPORT_MAIL_FROM. Raises BadSettings with one line."""
    shape = re.fullmatch(r"(?:([^<>\r\n]*?)\s*<([^<>\s]+)>|([^<>\s]+))", settings.mail_from.strip())
    if shape is None:
        raise BadSettings(FROM_SHAPE)
    try:
        address = Address((shape[1] or "").strip(' "'), addr_spec=shape[2] or shape[3])
    except (MessageError, ValueError, IndexError):
        raise BadSettings(FROM_SHAPE) from None
    if not (address.username and address.domain):
        raise BadSettings(FROM_SHAPE)
    return address


def current_mailer(settings: Settings) -> Mailer:
    """The mailer of these settings. Raises BadSettings when the SMTP URL is wrong."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        return FolderMailer(settings.data_dir / "mail")
    own_name = urlsplit(settings.base_url).hostname or "localhost"
    if not own_name.isascii() or ":" in own_name:
        own_name = "localhost"
    return SmtpMailer(read_smtp_url(url), own_name=own_name)
