"""What mails say, and that nobody's words become anything but words."""

import html
import re

import jinja2
import pytest

from models import settings
from models.notifications import MailKind, wording
from models.settings import Settings
from tests.models.notifications.outbox import CONTEXT, SECRET_URL, URL

CUSTOMER = (
    MailKind.TICKET_RECEIVED,
    MailKind.TICKET_RECEIVED_GUEST,
    MailKind.TICKET_REPLY,
    MailKind.TICKET_RESOLVED,
)
AGENT = (MailKind.TICKET_ASSIGNED, MailKind.TICKET_CUSTOMER_REPLIED)
TICKET = (*CUSTOMER, *AGENT)
LINKS = tuple(kind for kind in MailKind if kind not in TICKET)
NEEDS = {
    MailKind.TICKET_RECEIVED: {"number", "title", "url"},
    MailKind.TICKET_RECEIVED_GUEST: {"number", "url"},
    MailKind.TICKET_REPLY: {"number", "title", "url", "agent_name", "text"},
    MailKind.TICKET_RESOLVED: {"number", "title", "url", "agent_name", "resolution"}
    | {"rating_url"},
    MailKind.TICKET_ASSIGNED: {"number", "title", "url", "by_name", "customer_name", "severity"},
    MailKind.TICKET_CUSTOMER_REPLIED: {"number", "title", "url", "customer_name", "text"},
    **{kind: {"url", "minutes"} for kind in LINKS},
}
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<a href='javascript:alert(1)'>x</a>",
    "{{ 7*7 }}{% raw %}",
    "{{ settings.__class__.__mro__ }}",
    "</title></style><svg/onload=alert(1)>",
    "&lt;b&gt; &amp;amp;",
)


@pytest.fixture(autouse=True)
def plain_settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    chosen = Settings(brand_color="#2563eb", product_name="Acme & Söhne")
    monkeypatch.setattr(wording, "settings", lambda: chosen)
    return chosen


def all_of(kind: MailKind, **context: object) -> str:
    words = wording.write(kind, {**CONTEXT, **context}, name="Jane")
    return words.subject + words.text + words.html


@pytest.mark.parametrize("kind", list(MailKind))
def test_each_kind_says_what_it_is_given_in_both_forms(kind: MailKind) -> None:
    context = {key: CONTEXT[key] for key in NEEDS[kind]}
    words = wording.write(kind, context)
    for key in NEEDS[kind] - {"text"}:
        assert str(CONTEXT[key]) in words.text
        assert str(CONTEXT[key]) in words.html
    assert "Acme & Söhne Support" in words.text
    assert "Acme &amp; Söhne Support" in words.html
    assert words.html.count("background:#2563eb") == 1


@pytest.mark.parametrize("kind", list(MailKind))
def test_a_missing_key_is_an_error_not_a_gap(kind: MailKind) -> None:
    for missing in NEEDS[kind]:
        context = {key: CONTEXT[key] for key in NEEDS[kind] - {missing}}
        with pytest.raises((jinja2.UndefinedError, KeyError)):
            wording.write(kind, context)


@pytest.mark.parametrize("kind", CUSTOMER)
def test_mails_to_customers_say_where_to_answer(kind: MailKind) -> None:
    words = wording.write(kind, CONTEXT)
    assert "To answer" in words.text
    assert "replies by mail are not read" in " ".join(words.text.split())
    assert URL in words.text
    assert "To answer" in words.html
    assert f'href="{URL}"' in words.html


@pytest.mark.parametrize("kind", TICKET)
def test_the_subject_is_the_same_for_all_mails_of_a_ticket(kind: MailKind) -> None:
    guest = kind is MailKind.TICKET_RECEIVED_GUEST
    title = "Your request to Acme & Söhne Support" if guest else CONTEXT["title"]
    assert wording.write(kind, CONTEXT).subject == f"[TICKET-0042] {title}"
    without = wording.write(kind, {**CONTEXT, "title": None}).subject
    assert without == "[TICKET-0042] Your request to Acme & Söhne Support"


@pytest.mark.parametrize("kind", [*TICKET, *LINKS])
def test_without_a_title_no_word_of_the_guest_is_in_a_mail(kind: MailKind) -> None:
    found = all_of(kind, title=None)
    assert "The gateway is offline" not in found
    assert "None" not in found


def test_the_guests_receipt_ignores_whatever_the_guest_wrote() -> None:
    words = wording.write(MailKind.TICKET_RECEIVED_GUEST, {**CONTEXT, "url": SECRET_URL})
    for key in ("title", "text", "customer_name"):
        assert str(CONTEXT[key]) not in words.subject + words.text + words.html
    assert SECRET_URL in words.text


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("kind", list(MailKind))
def test_words_stay_words_in_html(kind: MailKind, payload: str) -> None:
    fields = ("title", "agent_name", "by_name", "customer_name", "severity", "text", "resolution")
    words = wording.write(kind, {**CONTEXT, **dict.fromkeys(fields, payload)}, name=payload)
    plain = wording.write(kind, {**CONTEXT, **dict.fromkeys(fields, "words")}, name="words")
    assert tags(words.html) == tags(plain.html)
    assert "49" not in words.text.replace("TICKET-0042", "")
    if kind is MailKind.TICKET_REPLY:
        assert html.escape(payload) in words.html
        assert payload in " ".join(words.text.split("\n"))


def tags(markup: str) -> list[str]:
    return re.findall(r"<[^>]*>", markup)


def test_links_in_an_answer_work_and_text_keeps_its_lines() -> None:
    answer = "See https://example.com/a?b=c.\n\n  indented\nnext"
    words = wording.write(MailKind.TICKET_REPLY, {**CONTEXT, "text": answer})
    assert 'href="https://example.com/a?b=c"' in words.html
    assert answer in words.text


def test_the_words_of_a_customer_are_marked_so_that_they_cannot_pass_for_ours() -> None:
    forged = "Hi\n\nOpen the ticket:\nhttps://evil.example/" + " and so on" * 20
    text = wording.write(MailKind.TICKET_CUSTOMER_REPLIED, {**CONTEXT, "text": forged}).text
    assert next(line for line in text.split("\n") if "evil" in line) == (
        "> https://evil.example/ and so on and so on and so on and so on and so on"
    )
    assert all(line.startswith(">") for line in text.split("\n") if "so on" in line)
    assert "\n> Open the ticket:\n" in text


def test_long_lines_are_wrapped_and_long_words_left_whole() -> None:
    word = "x" * 300
    text = wording.write(MailKind.TICKET_REPLY, {**CONTEXT, "text": f"{'word ' * 100}{word}"}).text
    assert word in text
    assert max(len(line) for line in text.split("\n") if word not in line) <= 76


def test_no_control_character_gets_into_a_mail() -> None:
    found = all_of(
        MailKind.TICKET_REPLY, title="a\x1b[2J\0b\r\nc\ud800", text="a\x1b[2J\0b\x0bc\ud800\r\nd"
    )
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", found) == []


def test_a_subject_has_at_most_200_characters() -> None:
    assert (
        len(wording.write(MailKind.TICKET_REPLY, {**CONTEXT, "title": "é" * 5000}).subject) == 200
    )


@pytest.mark.parametrize(
    ("brand", "ink"),
    [
        ("#ffffff", "#000000"),
        ("#000000", "#ffffff"),
        ("#2563eb", "#ffffff"),
        ("#facc15", "#000000"),
    ],
)
def test_the_button_can_be_read_in_every_brand_colour(
    brand: str, ink: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "settings", lambda: settings.read_settings(brand_color=brand))
    assert f"background:{brand};color:{ink}" in wording.write(MailKind.LINK_SIGN_IN, CONTEXT).html
