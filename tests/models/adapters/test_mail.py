"""Mail against a real SMTP server and against a folder."""

import os
import re
import ssl
import stat
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr

from models.adapters import mail
from models.adapters.mail import (
    FolderMailer,
    MailDelayed,
    MailRefused,
    MailServerAway,
    SmtpMailer,
    SmtpServer,
)
from models.settings import BadSettings, Settings
from tests.models.adapters.smtp import (
    PASSWORD,
    USER,
    Post,
    free_port,
    post_office,
    silent_server,
)

CERTIFICATE = Path(__file__).parent / "localhost.pem"
ENCODED = "pass%3Aw%40rd%2F100%25"


def a_message(to: str = "jane@example.com", subject: str = "Hello") -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = subject
    message["From"] = Address("Support", "support", "example.com")
    local, _, domain = to.rpartition("@")
    message["To"] = Address("Jane", local, domain)
    message["Message-ID"] = "<one@example.com>"
    message[mail.KIND_HEADER] = "ticket-reply"
    message.set_content("Good morning\n")
    return message


def mailer_to(port: int, security: str = "smtp", timeout: float = 5) -> SmtpMailer:
    return SmtpMailer(SmtpServer(security, "localhost", port, USER, PASSWORD), timeout=timeout)


def open_mailer_to(port: int, timeout: float = 5) -> SmtpMailer:
    return SmtpMailer(SmtpServer("smtp", "localhost", port), timeout=timeout)


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as running:
        yield running


@pytest.fixture
def tls(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


# --- SMTP -----------------------------------------------------------------------------------------


def test_a_mail_arrives_and_the_connection_is_used_again(post: Post) -> None:
    mailer = open_mailer_to(post.port)
    mailer.send(a_message())
    mailer.send(a_message(to="joe@example.com", subject="Grüße"))
    mailer.close()
    assert [one.rcpt_tos for one in post.received] == [["jane@example.com"], ["joe@example.com"]]
    assert [one["Subject"] for one in post.messages] == ["Hello", "Grüße"]
    assert {one.mail_from for one in post.received} == {"support@example.com"}
    assert len(post.sessions) == 1


def test_it_connects_again_after_the_server_came_back() -> None:
    with post_office() as post:
        mailer = open_mailer_to(post.port)
        mailer.send(a_message())
    with pytest.raises(MailServerAway):
        mailer.send(a_message())
    with post_office(port=post.port) as again:
        mailer.send(a_message())
        mailer.close()
        assert len(again.received) == 1


def test_a_server_that_hangs_with_the_mail_in_hand_delays_that_mail(post: Post) -> None:
    post.waits_at_data = 0.6
    mailer = open_mailer_to(post.port, timeout=0.2)
    with pytest.raises(MailDelayed, match=r"connection lost: .*timed out") as caught:
        mailer.send(a_message())
    assert caught.type is MailDelayed
    post.waits_at_data = 0
    mailer.send(a_message())
    mailer.close()
    assert post.received[-1].rcpt_tos == ["jane@example.com"]


def test_an_address_in_unicode_goes_by_smtputf8(post: Post) -> None:
    mailer = open_mailer_to(post.port)
    mailer.send(a_message(to="käse@example.com"))
    mailer.close()
    assert post.received[0].rcpt_tos == ["käse@example.com"]


@pytest.mark.parametrize("step", ["at_recipient", "at_data"])
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("550 5.1.1 No such user", MailRefused),
        ("554 5.7.1 Spam", MailRefused),
        ("451 4.7.1 Greylisted, try later", MailDelayed),
        ("421 4.3.2 Closing", MailDelayed),
    ],
)
def test_what_the_server_says_decides_whether_to_try_again(
    post: Post, step: str, reply: str, error: type[Exception]
) -> None:
    setattr(post, step, reply)
    mailer = open_mailer_to(post.port)
    with pytest.raises(error, match=reply) as caught:
        mailer.send(a_message())
    assert caught.type is error
    setattr(post, step, None)
    mailer.send(a_message())
    mailer.close()
    assert len(post.received) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [("550 5.7.1 Not your sender", MailServerAway), ("552 5.3.4 Too large", MailRefused)],
)
def test_a_refused_sender_is_a_fault_of_the_settings_not_of_the_mail(
    post: Post, reply: str, error: type[Exception]
) -> None:
    post.at_mail = reply
    mailer = open_mailer_to(post.port)
    with pytest.raises(error):
        mailer.send(a_message())
    mailer.close()


def test_a_server_that_is_not_there_is_away() -> None:
    with pytest.raises(MailServerAway, match=r"localhost:\d+: "):
        open_mailer_to(free_port()).send(a_message())


def test_a_server_that_says_nothing_is_given_up_soon() -> None:
    with silent_server() as port, pytest.raises(MailServerAway, match="timed out"):
        open_mailer_to(port, timeout=0.2).send(a_message())


def test_it_signs_in_with_the_password_from_the_url() -> None:
    with post_office(offers_sign_in=True) as post:
        server = mail.read_smtp_url(f"smtp://{USER}:{ENCODED}@localhost:{post.port}")
        mailer = SmtpMailer(server, own_name="help.example.com")
        assert mailer.check() == f"SMTP server localhost:{post.port}"
        mailer.send(a_message())
        mailer.close()
        assert len(post.received) == 1
        assert post.sessions[0].host_name == "help.example.com"
        assert post.sessions[0].authenticated


def test_a_wrong_password_is_away_and_never_told() -> None:
    with post_office(offers_sign_in=True) as post:
        server = SmtpServer("smtp", "localhost", post.port, USER, "not-the-password")
        with pytest.raises(MailServerAway, match="535") as caught:
            SmtpMailer(server).send(a_message())
    assert "not-the-password" not in f"{caught.value!r} {server!r}"
    assert caught.value.__cause__ is None


def test_a_server_that_repeats_our_secrets_does_not_get_them_into_the_error(post: Post) -> None:
    post.at_data = f"554 user {USER} with {PASSWORD} sends spam\x1b[2J"
    server = SmtpServer("smtp", "localhost", post.port)
    mailer = SmtpMailer(server)
    mailer._server = SmtpServer("smtp", "localhost", post.port, USER, PASSWORD)
    mailer._connection = SmtpMailer(server)._connect()
    with pytest.raises(MailRefused) as caught:
        mailer.send(a_message())
    mailer.close()
    assert str(caught.value) == "554 user *** with *** sends spam [2J"


def test_starttls(tls: ssl.SSLContext) -> None:
    with post_office(offers_sign_in=True, starttls=tls) as post:
        mailer = mailer_to(post.port, "smtp+starttls")
        mailer.send(a_message())
        mailer.close()
        assert post.sessions[-1].ssl is not None
        assert post.sessions[-1].authenticated
        assert len(post.received) == 1


def test_smtps(tls: ssl.SSLContext) -> None:
    with post_office(offers_sign_in=True, smtps=tls) as post:
        mailer = mailer_to(post.port, "smtps")
        mailer.send(a_message())
        mailer.close()
        assert len(post.received) == 1


def test_starttls_that_is_not_offered_sends_nothing_in_the_clear() -> None:
    with post_office(offers_sign_in=True) as post:
        with pytest.raises(MailServerAway, match="STARTTLS"):
            mailer_to(post.port, "smtp+starttls").send(a_message())
        assert post.received == []
        assert not any(session.authenticated for session in post.sessions)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_certificate_nobody_vouches_for_is_refused(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with post_office(starttls=tls) as post:
        with pytest.raises(MailServerAway, match="certificate verify failed"):
            mailer_to(post.port, "smtp+starttls").send(a_message())
        assert post.received == []


# --- the address of the server --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "security", "host", "port", "user"),
    [
        ("smtp://mail.example.com", "smtp", "mail.example.com", 25, ""),
        ("smtp://127.0.0.1:2525/", "smtp", "127.0.0.1", 2525, ""),
        (
            "smtp+starttls://u%40x:p@mail.example.com",
            "smtp+starttls",
            "mail.example.com",
            587,
            "u@x",
        ),
        ("smtps://u:p@[::1]", "smtps", "::1", 465, "u"),
    ],
)
def test_smtp_urls(url: str, security: str, host: str, port: int, user: str) -> None:
    server = mail.read_smtp_url(url)
    assert (server.security, server.host, server.port, server.user) == (security, host, port, user)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com:25",
        "smtp://",
        "smtp://:25",
        "http://hidden-word@mail.example.com",
        "smtp://user:hidden-word@mail.example.com:notaport",
        "smtp://user:hidden-word@mail.example.com:99999",
        "smtp://user:hidden-word@mail.example.com:0",
        "smtp://user:hidden-word@mail.example.com/path",
        "smtp://user:hidden-word@mail.example.com?tls=1",
        "smtp://user:hidden-word@host@mail.example.com",
        "smtp://user:hidden word@mail.example.com",
        "smtp://user@mail.example.com",
        "smtp://user:hidden-w%C3%B6rd@mail.example.com",
        "smtp://[::1:25",
        "smtp://user:hidden-word@mail.example.com\n",
    ],
)
def test_a_bad_url_gives_one_line_without_the_password(url: str) -> None:
    with pytest.raises(BadSettings) as caught:
        mail.read_smtp_url(url)
    assert str(caught.value).startswith("SUPPORT_SMTP_URL: must be like")
    assert "\n" not in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Example Support <support@example.com>", "Example Support", "support@example.com"),
        ('"Example, Support" <support@example.com>', "Example, Support", "support@example.com"),
        ("support@example.com", "", "support@example.com"),
        ("Grüße <support@localhost.localdomain>", "Grüße", "support@localhost.localdomain"),
    ],
)
def test_the_sender(text: str, name: str, address: str) -> None:
    found = mail.sender(Settings(mail_from=text))
    assert (found.display_name, found.addr_spec) == (name, address)


@pytest.mark.parametrize(
    "text", ["", "Support", "a@b, c@d", "A <a@b> <c@d>", "A <a@b>\nBcc: c@d", "@b", "a@", "<>"]
)
def test_a_bad_sender_is_told(text: str) -> None:
    with pytest.raises(BadSettings, match="SUPPORT_MAIL_FROM: must be like"):
        mail.sender(Settings(mail_from=text))


def test_the_settings_choose_the_mailer(tmp_path: Path) -> None:
    files = Settings(data_dir=tmp_path, smtp_url=SecretStr(""))
    assert isinstance(mail.current_mailer(files), FolderMailer)
    server = Settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://localhost"))
    assert isinstance(mail.current_mailer(server), SmtpMailer)


# --- the folder -----------------------------------------------------------------------------------


def test_a_mail_becomes_a_private_file_that_reads_as_the_mail(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "mail"
    FolderMailer(folder).send(a_message())
    [file] = folder.iterdir()
    assert re.fullmatch(
        r"\d{8}-\d{6}\.\d{6}-ticket-reply-to-jane-at-example\.com-[0-9a-f]{6}\.eml", file.name
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert message_from_bytes(file.read_bytes(), policy=policy.default)["Subject"] == "Hello"


def test_file_names_sort_by_time(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    for number in range(20):
        mailer.send(a_message(subject=str(number), to=f"{'zyx'[number % 3]}@example.com"))
    subjects = [
        message_from_bytes(file.read_bytes(), policy=policy.default)["Subject"]
        for file in sorted(tmp_path.iterdir())
    ]
    assert subjects == [str(number) for number in range(20)]


@pytest.mark.parametrize(
    "address",
    [
        "../../etc/passwd@example.com",
        "...@example.com",
        f"{'a' * 64}@{'b' * 180}.com",
        "käse@x.com",
    ],
)
def test_no_recipient_steers_the_path(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "mail"
    message = a_message()
    del message["To"]
    local, _, domain = address.rpartition("@")
    message["To"] = Address("", local, domain)
    FolderMailer(folder).send(message)
    [file] = folder.iterdir()
    assert file.parent == folder
    assert re.fullmatch(r"[a-z0-9.-]{1,200}\.eml", file.name)
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [file]


def test_two_recipients_are_refused(tmp_path: Path) -> None:
    message = a_message()
    del message["To"]
    message["To"] = "a@example.com, b@example.com"
    with pytest.raises(MailRefused):
        FolderMailer(tmp_path).send(message)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_away_and_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(MailServerAway):
        FolderMailer(tmp_path / "taken").send(a_message())
    with pytest.raises(MailServerAway):
        FolderMailer(tmp_path / "taken").check()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MailServerAway, match="No space left"):
        FolderMailer(tmp_path / "mail").send(a_message())
    assert list((tmp_path / "mail").iterdir()) == []


def test_the_folder_can_be_checked(tmp_path: Path) -> None:
    assert FolderMailer(tmp_path / "mail").check() == f"files in {tmp_path / 'mail'}"
