"""The colours of code: current, and readable in both schemes."""

import re
from pathlib import Path

import pytest

from models.kb import highlighting

ROOT = Path(__file__).parents[3]


def test_the_style_sheet_is_current() -> None:
    sheet = (ROOT / "public_site/static/highlight.css").read_text()
    assert sheet == highlighting.style_sheet(), highlighting.__doc__


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read_on_their_backgrounds(scheme: str) -> None:
    _, background, _, marked = highlighting.SCHEMES[scheme]
    rules = highlighting.style_sheet().partition(f"scheme: {scheme}")[2].partition("\n}")[0]
    colours = re.findall(r"[{;] color: (#\w{6})", rules)
    assert len(colours) > 5
    for behind in (background, marked):
        for colour in colours:
            low, high = sorted((luminance(behind), luminance(colour)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (colour, behind)
