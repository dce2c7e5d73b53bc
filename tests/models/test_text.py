"""What may be typed, and what becomes of it in HTML, slugs, terminals and CSV."""

import re
import unicodedata
from typing import Annotated, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from models import text
from models.text import Email, MultiLine, OneLine
from tests.models.dom import Page


class Form(BaseModel):
    title: Annotated[str, OneLine(10)] = "x"
    note: Annotated[str, MultiLine(10)] = "x"
    hint: Annotated[str, OneLine(10, required=False)] = ""
    email: Email = "a@example.com"


def sentence(**typed: Any) -> str:
    """The only message of a refused form."""
    with pytest.raises(ValidationError) as refused:
        Form(**typed)
    (error,) = refused.value.errors()
    return error["msg"]


# --- fields ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["title", "note", "hint"])
@pytest.mark.parametrize("typed", ["a\0b", "\0", "\ud800", "a\udfffb"])
def test_what_a_database_cannot_store_is_refused(field: str, typed: str) -> None:
    assert sentence(**{field: typed}) == "This contains a character that cannot be stored."


@pytest.mark.parametrize("field", ["title", "note"])
@pytest.mark.parametrize(
    "typed",
    ["", " ", "\t\r\n", "\u200b", "\u2060\ufeff \u00a0\u3000", "\u3164\u2800", "\ufe0f\x1b"],
)
def test_what_cannot_be_seen_is_empty(field: str, typed: str) -> None:
    assert sentence(**{field: typed}) == "Please write something here."


def test_an_optional_field_may_be_empty() -> None:
    assert Form(hint=" \u200b ").hint == ""


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_line_breaks(line_break: str) -> None:
    assert sentence(title=f"a{line_break}b") == "Please write this on one line."
    assert Form(note=f"a{line_break}b").note == "a\nb"
    assert Form(title=f" a{line_break}").title == "a"


def test_other_control_characters_are_dropped() -> None:
    assert Form(title="\x1b[1ma\x07\x9b\x7f").title == "[1ma"
    assert Form(note="\x08a\tb\x1b").note == "a\tb"
    assert Form(title="a\tb").title == "a b"


def test_lengths_count_code_points_after_outer_space_is_cut() -> None:
    assert Form(title="  " + "😀" * 10 + "\n").title == "😀" * 10
    assert sentence(title="é" * 11) == "Please use at most 10 characters; this has 11."
    assert sentence(note="e\u0301" * 6) == "Please use at most 10 characters; this has 12."
    long = OneLine(200)
    with pytest.raises(ValueError, match="at most 200 characters; this has 20,000"):
        long.check("{" * 20_000)


@pytest.mark.parametrize(
    "typed",
    [
        "e\u0301",
        "é",
        "👨‍👩‍👧",
        "🇩🇪",
        "\U0010ffff\ufffe",
        "\ue000\u0378",
        "\u202eabc\u2066",
        "{x} %s",
    ],
)
def test_what_was_typed_stays_as_it_was(typed: str) -> None:
    assert Form(title=typed).title == typed
    assert Form(note=typed).note == typed


def test_other_types_are_refused_in_pydantics_words() -> None:
    assert sentence(title=5) == "Input should be a valid string"
    assert sentence(email=None) == "Input should be a valid string"


def test_the_limits_stand_in_the_json_schema() -> None:
    properties = Form.model_json_schema()["properties"]
    assert (properties["title"]["minLength"], properties["title"]["maxLength"]) == (1, 10)
    assert properties["hint"]["minLength"] == 0
    assert (properties["email"]["format"], properties["email"]["maxLength"]) == ("email", 254)


@given(st.text(max_size=40))
def test_checked_text_passes_unchanged_a_second_time(typed: str) -> None:
    for kind in (OneLine(30, required=False), MultiLine(30, required=False)):
        try:
            once = kind.check(typed)
        except ValueError:
            continue
        assert kind.check(once) == once


# --- e-mail addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Mia@Example.COM\n", "mia@example.com"),
        ("o'neil+tag@example.co.uk", "o'neil+tag@example.co.uk"),
        ("kim@Bücher.example", "kim@xn--bcher-kva.example"),
        ("kim@XN--BCHER-KVA.example", "kim@xn--bcher-kva.example"),
        ("ZOE\u0308@example.com", "zoë@example.com"),
        ("mi\u212ae@example.com", "mike@example.com"),
        ("İ@example.com", "i\u0307@example.com"),
        ("ß@example.com", "ß@example.com"),
    ],
)
def test_an_address_has_one_form(typed: str, stored: str) -> None:
    assert text.canonical_email(typed) == stored
    assert Form(email=stored).email == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mia",
        "mia@",
        "@example.com",
        "mia@example",
        "mia@localhost",
        "mia@desk.localhost",
        "mia@[127.0.0.1]",
        "mia@127.0.0.1",
        '"a b"@example.com',
        "mia(work)@example.com",
        "Mia <mia@example.com>",
        "a@example.com, b@example.com",
        "a@example.com;b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@exam\0ple.com",
        "\ud800@example.com",
        "mia@-example.com",
        "mia..b@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 260 + ".com",
        "mia@ex\u202eample.com",
    ],
)
def test_anything_but_one_address_is_refused(typed: str) -> None:
    assert sentence(email=typed) == "Please write one e-mail address, like name@example.com."


@given(st.emails())
def test_the_one_form_is_its_own(address: str) -> None:
    try:
        once = text.canonical_email(address)
    except ValueError:
        return
    assert text.canonical_email(once) == once == unicodedata.normalize("NFC", once)


# --- plain text as HTML ---------------------------------------------------------------------------


def addresses(typed: str) -> list[str]:
    """Where the links of a text lead; each says so, and has nothing but the expected attributes."""
    page = Page(text.plain_to_html(typed))
    for shown, attributes in zip(page.links, page.all("a"), strict=True):
        assert attributes == {"href": shown, "rel": "noopener nofollow ugc", "dir": "ltr"}
    return page.links


def test_lines_and_paragraphs() -> None:
    assert text.plain_to_html("a\r\n  b\n \n\n<b>c</b>\n") == (
        '<p dir="auto">a<br>  b</p>\n<p dir="auto">&lt;b&gt;c&lt;/b&gt;</p>'
    )
    assert text.plain_to_html("\n ") == ""


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("see https://a.example/b?c=1&d=2#e.", ["https://a.example/b?c=1&d=2#e"]),
        ("(https://a.example/x_(y)), and", ["https://a.example/x_(y)"]),
        ("HTTPS://A.Example:8443/Ä", ["https://a.example:8443/Ä"]),
        ("<https://a.example>;http://b.example!", ["https://a.example", "http://b.example"]),
        ("http://[::1]:8000/x", ["http://[::1]:8000/x"]),
        ("https://аррӏе.com/in", ["https://xn--80ak6aa92e.com/in"]),
        ("http://ａ.example", ["http://a.example"]),
        ("https://evil.example/\u202emoc.bank", ["https://evil.example/"]),
        ("https://evil.example/\u200bx", ["https://evil.example/"]),
        ('https://a"onmouseover=alert(1)', ["https://a"]),
        ("https://a'onmouseover=alert(1)'", []),
        ("https://a.example/'><img/src=x>", ["https://a.example/"]),
        ("http://bank.example@evil.example http://a:b@evil.example", []),
        ("http://x\\@evil.example", ["http://x"]),
        ("http://%65vil.example http://a..b http:///x http://[bad http://a:99999/", []),
        ("http://" + "é" * 300 + ".example", []),
        ("https://a.example/" + "x" * 2_000, []),
        ("mia@example.com javascript:alert(1) ftp://a.example //a.example xhttp://a.example", []),
    ],
)
def test_only_honest_addresses_become_links(typed: str, links: list[str]) -> None:
    assert addresses(typed) == links


@given(st.text(st.sampled_from("https://a.b@\"'<>&;()[]\\ \n\t\0\u202eé😀"), max_size=60))
@example("<script>window.__p=1</script>")
@example("<IMG/SRC=x/OnErRoR=__p=1//")
@example('" autofocus onfocus=__p=1 x="')
@example("{{7*7}} ${7*7} %(x)s {0.__class__}")
def test_text_can_make_nothing_but_paragraphs_and_links(typed: str) -> None:
    page = Page(text.plain_to_html(typed))
    assert {tag for tag, _ in page.elements} <= {"p", "br", "a"}
    addresses(typed)
    if "://" not in typed:
        assert page.words.split() == re.sub("[\0\x1b]", "", typed).split()


@pytest.mark.parametrize(
    "unit", [" ", "\n", "a@", "http://", "http://é.a ", "(", "http://a)", "- "]
)
def test_long_runs_come_to_an_end(unit: str) -> None:
    # No stop-watch: anything worse than linear takes minutes here.
    run = unit * (400_000 // len(unit))
    assert text.plain_to_html(run).count("<p") <= 1
    assert text.slugify(run)
    assert len(text.fold(run)) == len(text.csv_cell(run).removeprefix("'")) == len(run)


# --- other shapes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Getting started with 2Bot!", "getting-started-with-2bot"),
        ("Übergrößen in Łódź & København", "ubergrossen-in-lodz-kobenhavn"),
        ("İstanbul ﬁx ①", "istanbul-fix-1"),
        ("../../etc/passwd?<b>", "etc-passwd-b"),
        ("😀", "article"),
        ("Привет", "article"),
        ("word " * 40, "-".join(["word"] * 16)),
        ("x" * 100, "x" * 80),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    assert text.slugify(title) == slug


@given(st.text())
def test_a_slug_is_always_one(title: str) -> None:
    slug = text.slugify(title)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 80
    assert text.slugify(slug) == slug


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoë", "ZOE\u0308"),
        ("STRASSE", "straße"),
        ("İstanbul", "istanbul"),
        ("ＡＢＣ", "abc"),
        ("Łódź", "lodz"),
        ("ﬁ", "FI"),
        ("한국", unicodedata.normalize("NFD", "한국")),
    ],
)
def test_spellings_that_are_found_alike(one: str, other: str) -> None:
    assert text.fold(one) == text.fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(typed: str) -> None:
    assert text.fold(text.fold(typed)) == text.fold(typed)


def test_terminals_see_no_control_characters() -> None:
    assert text.escape_controls("a\x1b]0;b\x07\x9b\r\n") == r"a\x1b]0;b\x07\x9b\r\n"
    assert text.escape_controls("\u202ea\u2066\ud800é😀") == r"\u202ea\u2066\ud800é😀"
    assert text.escape_controls("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\x1b"


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        '=HYPERLINK("http://evil.example")',
        "+1+cmd|' /C calc'!A0",
        "-1+1",
        "- a list",
        "@SUM(A1)",
        "\t=1",
        "\tx",
        "\r=1",
        "\n=1",
        " =1",
        ";=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\ufeff=1",
        "'=1",
        "+49 30 1234",
    ],
)
def test_cells_that_could_be_formulas_are_made_text(cell: str) -> None:
    assert text.csv_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+5", "-5.25", "-5,25", "-1e-3", "a=1", "'a", "a\n=1", ""])
def test_other_cells_stay(cell: str) -> None:
    assert text.csv_cell(cell) == cell


def test_cells_of_other_types() -> None:
    assert [text.csv_cell(value) for value in (None, -5, 2.5, True)] == ["", "-5", "2.5", "True"]


@given(st.text(st.sampled_from("='+-@;, \t\na1"), max_size=6))
@example("'\t")
def test_a_cell_can_be_read_back(cell: str) -> None:
    written = text.csv_cell(cell)
    bare = written.removeprefix("'")
    assert (bare if text.csv_cell(bare) == written else written) == cell
