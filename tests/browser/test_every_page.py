"""What every page keeps to: for all people, on all screens, by day and by night."""

from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser import axe
from tests.browser.places import EVERYWHERE, Place
from tests.browser.visitor import NARROW, WIDE, Visitors

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOOKS = [(size, scheme) for scheme in SCHEMES for size in (WIDE, NARROW)]


@pytest.mark.parametrize("place", EVERYWHERE, ids=str)
def test_page_is_accessible_and_fits_without_errors(visitors: Visitors, place: Place) -> None:
    page = place.visited(visitors).page
    wrong = {}
    for (width, height), scheme in LOOKS:
        page.set_viewport_size(ViewportSize(width=width, height=height))
        page.emulate_media(color_scheme=scheme)
        found = [*axe.violations(page), *_sticking_out(page)]
        if found:
            wrong[f"{width} {scheme}"] = found
    assert wrong == {}
    assert visitors.leave() == []


def _sticking_out(page: Page) -> list[str]:
    """That the page scrolls sideways, with what is too wide."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          const wide = [...document.querySelectorAll("body *")].filter(
            (element) => element.getBoundingClientRect().right > width + 1);
          return ["scrolls sideways: " + wide.slice(0, 3).map(
            (element) => element.outerHTML.slice(0, 120)).join(" | ")];
        }"""
    )
    return found
