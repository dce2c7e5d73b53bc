"""The accent colour stays readable whatever colour is set."""

import re

import pytest

from public_site import brand

COLORS = ("#2563eb", "#000000", "#ffffff", "#ffff00", "#ff0000", "#808080", "#00ff88", "#1a0033")


@pytest.mark.parametrize("color", COLORS)
def test_words_in_the_accent_and_on_it_can_be_read(color: str) -> None:
    light, dark = brand.style_sheet(color).decode().splitlines()
    for scheme, grounds in [(light, brand.LIGHT_GROUNDS), (dark, brand.DARK_GROUNDS)]:
        found = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", scheme))
        assert brand.is_readable(found["on-accent"], [found["accent"]])
        assert brand.is_readable(found["accent-ink"], list(grounds))


def test_a_readable_colour_is_left_alone() -> None:
    assert b"--accent:#2563eb;--on-accent:#ffffff" in brand.style_sheet("#2563eb")


def test_contrast_is_that_of_the_guidelines() -> None:
    assert brand.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert brand.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
