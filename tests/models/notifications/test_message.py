"""Headers that nobody can bend, whatever is in the row."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.notifications.message import build, header_text, message_host, thread_id
from models.notifications.tables import OutboxMail
from tests.models.notifications.outbox import header_lines

SENDER = Address("2Bot Support", "support", "example.com")
SENT_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PAYLOADS = (
    "Hi\r\nBcc: x@evil.example",
    "Hi\nBcc: x@evil.example",
    "Hi\rBcc: x@evil.example",
    "Hi\x0bBcc: x@evil.example",
    "Hi\x0cBcc: x@evil.example",
    "Hi\x1c\x1d\x1eBcc: x@evil.example",
    "Hi\x85Bcc: x@evil.example",
    "Hi\u2028Bcc: x@evil.example",
    "Hi\u2029Bcc: x@evil.example",
    "Hi\0Bcc: x@evil.example",
    "Hi\ud800Bcc: x@evil.example",
    "=?utf-8?q?=0aBcc:=20x@evil.example?=",
    "=?utf-8?q?=0d=0aBcc:=20x@evil.example?= =?utf-8?b?CkJjYzogeEBldmls?=",
    "=\0?utf-8?q?=0aBcc:=20x@evil.example?=",
    "=\u202e?utf-8?q?=0aBcc:=20x@evil.example?=",
    "==??utf-8?q?=0aBcc:=20x@evil.example?=",
    "é" * 100_000,
    "x" * 100_000,
    "\U0001f600" * 200,
    '", evil@evil.example <x@evil.example>, "',
    "a@b.example, c@d.example",
    "\\",
    '"',
    "(",
    ":;<>,@",
    " ",
    "",
)


def a_row(**changes: object) -> OutboxMail:
    values: dict[str, object] = {
        "id": "0190",
        "kind": "ticket_reply",
        "recipient": "jane@example.com",
        "recipient_name": "Jane Doe",
        "subject": "[TICKET-0042] Hello",
        "text": "Good morning\n",
        "html": "<p>Good morning</p>",
        "headers": {"Auto-Submitted": "auto-generated", "In-Reply-To": "<ticket.1@example.com>"},
        "message_id": "<0190@example.com>",
    }
    return OutboxMail(**{**values, **changes})


def sent(**changes: object) -> bytes:
    return build(a_row(**changes), sender=SENDER, sent_at=SENT_AT).as_bytes()


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=policy.default)


CLEAN = header_lines(sent())


def test_a_whole_message() -> None:
    message = read(sent())
    assert message["From"] == "2Bot Support <support@example.com>"
    assert message["To"] == "Jane Doe <jane@example.com>"
    assert message["Date"].datetime == SENT_AT
    assert message["Message-ID"] == "<0190@example.com>"
    assert message["X-Support-Mail"] == "ticket-reply"
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert text.get_content() == "Good morning\n"
    assert html.get_content() == "<p>Good morning</p>\n"


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("field", ["subject", "recipient_name"])
def test_nothing_in_subject_or_name_becomes_a_header_or_a_recipient(
    field: str, payload: str
) -> None:
    raw = sent(**{field: payload})
    assert header_lines(raw) == CLEAN
    message = read(raw)
    assert [one.addr_spec for one in message["To"].addresses] == ["jane@example.com"]
    assert message["Bcc"] is None
    assert len(message["Subject"]) <= 200
    assert b"\0" not in raw


@given(st.text(st.characters(codec=None), max_size=300))
def test_whatever_text_there_is_the_message_is_clean(text: str) -> None:
    raw = sent(subject=text, recipient_name=text)
    assert header_lines(raw) == CLEAN
    assert [one.addr_spec for one in read(raw)["To"].addresses] == ["jane@example.com"]


@given(st.text(alphabet="=?utf8-QqBb0aA:, \n\"'<>@.é\0\\()", max_size=60))
def test_no_encoded_word_gets_through(text: str) -> None:
    assert header_lines(sent(subject=text, recipient_name=text)) == CLEAN


@pytest.mark.parametrize(
    "recipient",
    [
        "v@x.example, evil@y.example",
        '"a" <v@x.example>, evil@y.example',
        "v@x.example\nBcc: evil@y.example",
        "v@x.example%0aBcc: evil",
        "<v@x.example>",
        "group:v@x.example;",
        "=?utf-8?q?=0aBcc=3ax?=@x.example",
        "v@x.example (comment)",
        "@x.example",
        "root",
        "root@",
        "",
        "a@b@x.example",
        "v@[127.0.0.1]",
        '"v v"@x.example',
    ],
)
def test_a_recipient_that_is_not_one_plain_address_is_no_mail(recipient: str) -> None:
    with pytest.raises(ValueError, match="not one plain address"):
        sent(recipient=recipient)


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "another"},
        {"To": "evil@y.example"},
        {"X-A\nBcc": "x"},
        {"X-A: b\r\nBcc": "x"},
        {"": "x"},
    ],
)
def test_a_row_with_bent_header_names_is_no_mail(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        sent(headers=headers)


def test_long_message_ids_stay_whole() -> None:
    host = message_host(f"https://{'long-label.' * 20}example.com")
    thread = thread_id("0190aaaa-aaaa-7aaa-aaaa-aaaaaaaaaaaa", host)
    raw = sent(headers={"In-Reply-To": thread, "References": thread}, message_id=f"<1@{host}>")
    assert raw.count(thread.encode()) == 2
    assert f"Message-ID: <1@{host}>".encode() in raw


def test_a_plain_mail_keeps_its_links_whole_for_whoever_reads_the_raw_text() -> None:
    link = f"http://127.0.0.1:8000/login/link/{'a=b&' * 30}"
    assert link.encode() in sent(text=f"Here:\n{link}\n")


@pytest.mark.parametrize("text", ["é\n", "x" * 5000, "\u2028", "\U0001f600"])
def test_other_text_arrives_as_it_was(text: str) -> None:
    body = read(sent(text=text)).get_body(("plain",))
    assert body is not None
    assert body.get_content().rstrip("\n") == text.rstrip("\n")
    assert max(len(line) for line in sent(text=text).split(b"\r\n")) < 998


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://help.example.com", "help.example.com"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("https://hilfe.müller.example", "hilfe.xn--mller-kva.example"),
        ("http://support_desk:8000", "support_desk"),
    ],
)
def test_the_host_of_message_ids(base_url: str, host: str) -> None:
    assert message_host(base_url) == host
    assert f"<ticket.1@{host}>".encode() in sent(headers={"References": thread_id("1", host)})


def test_header_text_says_what_was_written() -> None:
    assert header_text("  Grüße,\tWelt = ? =? ") == "Grüße, Welt = ? = ?"
