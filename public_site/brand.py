"""The accent colour: from the one colour of the settings all that readable text needs.

Contrasts are those of WCAG 2: at least 4.5 between text and what lies under it, in both schemes.
"""

READABLE = 4.5
# What coloured words stand on: the page, panels, and panels tinted by the accent or by a problem.
LIGHT_GROUNDS = ("#f7f7f5", "#ffffff", "#f8ecec")
DARK_GROUNDS = ("#131518", "#1d2125", "#2f2a2d")
TINT = 0.12
Rgb = tuple[float, float, float]


def style_sheet(accent: str) -> bytes:
    """The custom properties of the accent for light and dark, as CSS."""
    light = _properties(accent, LIGHT_GROUNDS, "#000000")
    dark = _properties(accent, DARK_GROUNDS, "#ffffff")
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n".encode()


def _properties(accent: str, grounds: tuple[str, ...], towards: str) -> str:
    on_accent = "#ffffff" if contrast(accent, "#ffffff") >= READABLE else "#111315"
    filled = _readable(accent, [on_accent], _opposite(on_accent))
    ink = _ink(accent, grounds, towards)
    return f"--accent:{filled};--on-accent:{on_accent};--accent-ink:{ink}"


def _ink(accent: str, grounds: tuple[str, ...], towards: str) -> str:
    """The accent for words. A badge tints its ground with the colour of its own words."""
    mixes = [_mix(accent, towards, step / 40) for step in range(41)]
    return next(
        (ink for ink in mixes if is_readable(ink, [*grounds, _mix(grounds[1], ink, TINT)])), towards
    )


def _opposite(color: str) -> str:
    return "#000000" if luminance(color) > 0.5 else "#ffffff"  # noqa: PLR2004 - half way


def _readable(color: str, grounds: list[str], towards: str) -> str:
    """The nearest mix of ``color`` with ``towards`` that is readable on all grounds."""
    mixes = (_mix(color, towards, step / 40) for step in range(41))
    return next((mixed for mixed in mixes if is_readable(mixed, grounds)), towards)


def is_readable(color: str, grounds: list[str]) -> bool:
    """Whether words of this colour can be read on each of the grounds."""
    return all(contrast(color, ground) >= READABLE for ground in grounds)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """The relative luminance of a colour, 0 to 1."""
    red, green, blue = (_linear(part) for part in _rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004


def _rgb(color: str) -> Rgb:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _mix(color: str, towards: str, share: float) -> str:
    pairs = zip(_rgb(color), _rgb(towards), strict=True)
    return "#" + "".join(f"{round((a + (b - a) * share) * 255):02x}" for a, b in pairs)
