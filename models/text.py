"""Text as people type it: what may be stored, and how it is shown where markup could bite.

Types for one-line and multi-line fields and for e-mail addresses; plain text as HTML; slugs,
search folding, terminals and CSV cells. Lengths count code points, after outer white space is cut.
Nothing here normalises what was typed (NFC and NFD stay as they are) except where it says so.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

import idna
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

MAX_SLUG = 80
MAX_LINK = 2_000
MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
MAX_HOST = 253
KILO, MEGA = 1_000, 1_000_000

# --- fields ---------------------------------------------------------------------------------------

_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
UNSTORABLE = "This contains a character that cannot be stored."
# Drawn as nothing although Unicode counts them as letters, marks or symbols.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}


def _refusal(kind: str, sentence: str) -> PydanticCustomError:
    # A ValueError whose sentence pydantic passes on without a prefix. Braces in it would be
    # placeholders, so no typed text goes in.
    return PydanticCustomError(kind, sentence)


def is_storable(text: str) -> bool:
    """Whether every database can keep ``text``: no NUL, and nothing that is no UTF-8."""
    return _UNSTORABLE.search(text) is None


def is_blank(text: str) -> bool:
    """Whether nothing of ``text`` can be seen: white space, zero-width and control characters."""
    return all(
        unicodedata.category(char)[0] == "Z"
        or unicodedata.category(char) in ("Cc", "Cf")
        or char in _BLANK_LETTERS
        for char in text
    )


def _clean(text: str) -> str:
    if not is_storable(text):
        raise _refusal("text_unstorable", UNSTORABLE)
    return _LINE_BREAKS.sub("\n", text).translate(_CONTROLS).strip()


@dataclass(frozen=True)
class _Field:
    """What one-line and multi-line text have in common; used inside ``Annotated[str, ...]``."""

    max_length: int
    required: bool = True

    def check(self, text: str) -> str:
        """The text to store; raises ValueError with a sentence for the person who typed it."""
        cleaned = _clean(text)
        if is_blank(cleaned):
            if self.required:
                raise _refusal("text_empty", "Please write something here.")
            return ""
        if len(cleaned) > self.max_length:
            raise _refusal(
                "text_too_long",
                f"Please use at most {self.max_length:,} characters; this has {len(cleaned):,}.",
            )
        return cleaned

    def __get_pydantic_core_schema__(
        self, source: type[str], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        # Before pydantic's own look at the text: that one stops at lone surrogates.
        return core_schema.no_info_before_validator_function(
            lambda value: self.check(value) if isinstance(value, str) else value, handler(source)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        lengths = {"minLength": 1 if self.required else 0, "maxLength": self.max_length}
        return {**handler(schema), **lengths}


class MultiLine(_Field):
    """Text of several lines: every kind of line break becomes a line feed, tabs stay.

    Use as ``Annotated[str, MultiLine(20_000)]``; ``required=False`` lets it be empty.
    NUL and lone surrogates are refused, other control characters are dropped.
    """


class OneLine(_Field):
    """Text of one line: refused when a line break (also U+0085, U+2028, U+2029) is inside.

    Use as ``Annotated[str, OneLine(200)]``. Tabs become spaces; the rest as in ``MultiLine``.
    """

    def check(self, text: str) -> str:
        """The text to store; raises ValueError with a sentence for the person who typed it."""
        cleaned = super().check(text)
        if "\n" in cleaned:
            raise _refusal("text_one_line", "Please write this on one line.")
        return cleaned.replace("\t", " ")


def canonical_email(text: str) -> str:
    """The one form in which an address is stored, compared and written to.

    Exactly one address, without display name, comment, quotes or IP literal. Its domain has a dot
    and is none that RFC 6761 sets apart (localhost, .local, .test, .invalid).
    Canonical: NFC, the whole address lower-cased, the domain in ASCII (IDNA). Upper and lower case
    of the part before the @ are one person here, as at every mail provider of note. Mail always
    goes to the canonical form, so a look-alike typed at sign-in cannot receive what belongs to it.
    Whether the domain takes mail is not asked. Raises ValueError with a clear sentence.
    """
    try:
        parts = validate_email(
            unicodedata.normalize("NFC", text.strip()), check_deliverability=False, strict=True
        )
    except (EmailNotValidError, UnicodeError):
        sentence = "Please write one e-mail address, like name@example.com."
        raise _refusal("email", sentence) from None
    local_part = unicodedata.normalize("NFC", parts.local_part.lower())
    return f"{local_part}@{parts.ascii_domain.lower()}"


def _email(value: object) -> object:
    return canonical_email(value) if isinstance(value, str) else value


Email = Annotated[
    str,
    BeforeValidator(_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": MAX_EMAIL}),
]

# --- plain text as HTML ---------------------------------------------------------------------------

# Ends at what cannot be part of an address and at what could reorder or hide it (bidi controls,
# zero-width characters).
_ADDRESS = re.compile(
    r"(?<![^\W_])https?://[^\s\x00-\x20\x7f-\xa0\"<>`\\^{|}"
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff]+",
    re.IGNORECASE,
)
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_BRACKETS = {")": "(", "]": "["}


def plain_to_html(text: str) -> str:
    """Customers' text as HTML: escaped, in paragraphs, with http and https addresses as links.

    No Markdown. Blank lines part paragraphs, other line breaks become ``<br>``. Each paragraph
    finds its own direction. Time is linear in the length of the text.
    """
    lines = _LINE_BREAKS.sub("\n", text).translate(_CONTROLS).split("\n")
    blocks = (list(block) for filled, block in groupby(lines, _is_filled) if filled)
    return "\n".join(
        f'<p dir="auto">{"<br>".join(_line_to_html(line) for line in block)}</p>'
        for block in blocks
    )


def _is_filled(line: str) -> bool:
    return bool(line.strip())


def _line_to_html(line: str) -> str:
    pieces: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(line):
        address = _without_trailing_marks(match[0])
        pieces += html.escape(line[end : match.start()]), _link(address)
        end = match.start() + len(address)
    pieces.append(html.escape(line[end:]))
    return "".join(pieces)


def _without_trailing_marks(address: str) -> str:
    """Cut punctuation that belongs to the sentence; a closing bracket stays if it was opened."""
    surplus = {
        close: address.count(close) - address.count(opening) for close, opening in _BRACKETS.items()
    }
    end = len(address)
    while end:
        mark = address[end - 1]
        if surplus.get(mark, 0) > 0:
            surplus[mark] -= 1
        elif mark not in ".,;:!?'*_~…。，、！？»”’":
            break
        end -= 1
    return address[:end]


def _link(address: str) -> str:
    shown = _honest_address(address)
    if shown is None:
        return html.escape(address)
    safe = html.escape(shown)
    return f'<a href="{safe}" rel="noopener nofollow ugc" dir="ltr">{safe}</a>'


def _honest_address(address: str) -> str | None:
    """The address with its host in ASCII; None if it hides its host (``http://bank@evil``)."""
    if len(address) > MAX_LINK:
        return None
    try:
        parts = urlsplit(address)
        host = _ascii_host(parts)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:  # idna's errors are ValueErrors too
        return None
    if "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    rest = address[address.index("//") + 2 + len(parts.netloc) :]
    return f"{parts.scheme}://{host}{port}{rest}"


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        return f"[{host}]"
    if host.isascii() or len(host) > MAX_HOST:
        return host
    return idna.encode(host, uts46=True).decode()


# --- other shapes ---------------------------------------------------------------------------------

# Letters that Unicode does not take apart.
_PLAIN_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
)
_FORMULA = re.compile(r"[\s;,'\x00-\x20\u200b\u2060\ufeff]*[=+\-@＝＋－＠]|'*[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?")
_UNSAFE_IN_TERMINALS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def fold(text: str) -> str:
    """Text for search and comparison: case, accents and compatibility forms do not count."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare.translate(_PLAIN_LETTERS))


def slugify(title: str) -> str:
    """An ASCII name for addresses, at most 80 characters, cut between words; never empty."""
    words = re.findall(r"[a-z0-9]+", fold(title))
    slug = "-".join(words)
    if len(slug) > MAX_SLUG:
        slug = slug[: MAX_SLUG + 1].rpartition("-")[0] or slug[:MAX_SLUG]
    return slug or "article"


def escape_controls(text: str, keep: str = "") -> str:
    r"""Text for terminals: control and direction characters as ``\x1b``; those in ``keep`` stay."""

    def visible(match: re.Match[str]) -> str:
        char = match[0]
        return char if char in keep else ascii(char)[1:-1]

    return _UNSAFE_IN_TERMINALS.sub(visible, text)


def in_bytes(size: int) -> str:
    """The size of a file in words: 340 kB."""
    if size < KILO:
        return f"{size} byte" if size == 1 else f"{size} bytes"
    return f"{size / KILO:.0f} kB" if size < MEGA else f"{size / MEGA:.1f} MB"


def csv_cell(value: Any) -> str:
    """The value for a CSV cell that no spreadsheet runs as a formula.

    What could start one gets a ``'`` in front, also what already starts with ``'`` and then one, so
    that taking a single ``'`` away restores it. Numbers (``-5``) stay. None is empty. The writer
    should quote every cell: some programs part fields at semicolons too.
    """
    if value is None:
        return ""
    text = str(value)
    if _NUMBER.fullmatch(text) or not _FORMULA.match(text):
        return text
    return f"'{text}"
