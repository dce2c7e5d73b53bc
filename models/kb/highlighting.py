"""The colours of code in articles, as the style sheet ``public_site/static/highlight.css``.

Pygments' styles were chosen for contrast: every colour reaches 4.5:1 on its background. After a
change here or of Pygments: ``python -m models.kb.highlighting > public_site/static/highlight.css``
"""

import sys
from collections import defaultdict

from pygments.style import StyleMeta
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Token

# scheme: style, background, words, marked line
SCHEMES = {
    "light": ("xcode", "#f6f8fa", "#000000", "#ecf2fb"),
    "dark": ("monokai", "#161b22", "#f8f8f2", "#1f2733"),
}


def style_sheet() -> str:
    """The whole sheet, light and dark by the reader's preference."""
    head = "/* Made by models/kb/highlighting.py */\n"
    return head + "".join(
        f"@media (prefers-color-scheme: {scheme}) {{\n{_rules(*choice)}}}\n"
        for scheme, choice in SCHEMES.items()
    )


def _rules(style: str, background: str, words: str, marked: str) -> str:
    rules = [
        f".highlight {{ background: {background}; color: {words} }}\n",
        f".highlight .hll {{ background: {marked} }}\n",
    ]
    for look, classes in _looks(get_style_by_name(style), words).items():
        names = ", ".join(f".{name}" for name in classes)
        rules.append(f".highlight :is({names}) {{ {look} }}\n")
    return "".join(rules)


def _looks(style: StyleMeta, words: str) -> dict[str, list[str]]:
    """Each look with the classes that have it, those that look like plain words left out."""
    looks: defaultdict[str, list[str]] = defaultdict(list)
    plain = (style.style_for_token(Token)["color"] or words.lstrip("#")).lower()
    for token, name in STANDARD_TYPES.items():
        if token is Token.Error:  # half a command in an article is no mistake
            continue
        drawn = style.style_for_token(token)
        color = (drawn["color"] or plain).lower()
        parts = [
            f"color: #{color}" if color != plain else "",
            "font-weight: 600" if drawn["bold"] else "",
            "font-style: italic" if drawn["italic"] else "",
        ]
        if name and any(parts):
            looks["; ".join(filter(None, parts))].append(name)
    return looks


if __name__ == "__main__":
    sys.stdout.write(style_sheet())
