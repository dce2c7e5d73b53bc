"""What a mail says: subject, plain text and HTML of each kind, from the templates beside this file.

What people wrote is only ever a value in a template, never a template.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from models.notifications.kinds import MailKind
from models.notifications.message import header_text, one_line
from models.settings import current as settings
from models.text import plain_to_html

if TYPE_CHECKING:
    from jinja2 import Environment

LINE_LENGTH = 76
SEVERAL_LINES = frozenset({"text", "resolution"})
_LINK_SUBJECTS = {
    MailKind.LINK_SIGN_IN: "Your sign-in link for {product} Support",
    MailKind.LINK_SET_PASSWORD: "Choose your password for {product} Support",
    MailKind.LINK_EXISTING_ACCOUNT: "You have an account at {product} Support already",
}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one mail."""

    subject: str
    text: str
    html: str


def write(
    kind: MailKind, context: Mapping[str, object], *, name: str = "", stop_url: str | None = None
) -> Wording:
    """Write a mail of this kind to a person of this name, with the link to stop such mails if any.

    Raises jinja2.UndefinedError when the context lacks a key that the kind needs.
    """
    values = {key: _clean(key, value) for key, value in context.items()}
    subject = header_text(_subject(kind, values))
    values |= _surroundings() | {"subject": subject, "name": one_line(name), "stop_url": stop_url}
    text = _templates().get_template(f"{kind}.txt").render(values)
    html = _templates().get_template(f"{kind}.html").render(values)
    return Wording(subject, _wrapped(text), html)


def _clean(key: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    return _printable(value) if key in SEVERAL_LINES else one_line(value)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _subject(kind: MailKind, values: Mapping[str, object]) -> str:
    """The subject; for one ticket and one person always the same, so that mails stay together."""
    product = settings().product_name
    if kind in _LINK_SUBJECTS:
        return _LINK_SUBJECTS[kind].format(product=product)
    title = None if kind.goes_to_unproven_addresses else values["title"]
    return f"[{values['number']}] {title or f'Your request to {product} Support'}"


def _surroundings() -> dict[str, object]:
    current = settings()
    return {
        "product": current.product_name,
        "base_url": current.base_url,
        "brand": current.brand_color,
        "ink": _readable_on(current.brand_color),
    }


def _readable_on(color: str) -> str:
    """Black or white, whichever stands out more from ``#rrggbb`` (WCAG 2.2, relative luminance)."""
    red, green, blue = (_linear(int(color[i : i + 2], 16) / 255) for i in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    contrast_to_white = 1.05 / (luminance + 0.05)
    contrast_to_black = (luminance + 0.05) / 0.05
    return "#ffffff" if contrast_to_white >= contrast_to_black else "#000000"


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # sRGB


def _wrapped(text: str) -> str:
    return "\n".join(_wrapped_line(line) for line in text.split("\n"))


def _wrapped_line(line: str) -> str:
    if len(line) <= LINE_LENGTH:
        return line
    return textwrap.fill(
        line,
        LINE_LENGTH,
        subsequent_indent="> " if line.startswith("> ") else "",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _quoted(text: str) -> str:
    """The words of somebody else, marked line by line, so that they cannot pass for ours."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _as_html(text: str) -> Markup:
    return Markup(plain_to_html(text))  # noqa: S704  # escaped there


@cache
def _templates() -> "Environment":
    # Not above: commands that need it not start sooner.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"quoted": _quoted, "as_html": _as_html}
    return made
