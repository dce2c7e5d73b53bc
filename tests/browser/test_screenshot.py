"""A screenshot of the page: it shows the page, no text field, and what is blurred is gone."""

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.test_form_files import fill_in
from tests.browser.visitor import MEMBER, Visitor, Visitors

_STYLES = """
.probe { position: fixed; top: 0; width: 100px; height: 100px; z-index: 99 }
#plain { left: 0; background: oklch(0.63 0.26 29) }
#hush { left: 200px; background: rgb(0 0 255) }
#pass { left: 400px; width: 200px; min-height: 0; background: rgb(255 255 0); color: red;
  border: 0; border-radius: 0; font-size: 60px }
"""
_COLOURS = """() => new Promise((resolve) => {
  document.body.insertAdjacentHTML("beforeend", `
    <div class="probe" id="plain"></div><div class="probe" id="hush" data-private>secret</div>
    <input class="probe" id="pass" type="password" value="secret">`);
  const sheet = document.createElement("link");
  Object.assign(sheet, { rel: "stylesheet", href: "/static/probe.css", onload: resolve });
  document.head.append(sheet);
})"""
_TAKEN = """async () => {
  const { takePage } = await import("/static/screenshot.js");
  return (await takePage()).toDataURL();
}"""
COVER = (201, 204, 209)


@pytest.fixture(autouse=True)
def _base_stays_forbidden(visitors: Visitors) -> Iterator[None]:
    """The library names a base in its copy; the policy says no, which harms nothing."""
    yield
    for visitor in visitors.present:
        visitor.complaints = [text for text in visitor.complaints if "base-uri" not in text]


def _picture(address: str) -> Any:
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB")


def _colours(picture: Any, *box: int) -> set[Any]:
    return {colour for _, colour in picture.crop(box).getcolors(1_000_000)}


def test_the_page_is_in_the_picture_and_what_is_private_is_not(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    visitor.page.route(
        "**/static/probe.css", lambda route: route.fulfill(body=_STYLES, content_type="text/css")
    )
    visitor.go("/support/new")
    visitor.page.locator("#title").fill("typed title")
    visitor.page.evaluate(_COLOURS)
    taken = _picture(visitor.page.evaluate(_TAKEN))
    assert taken.size == (1280, 900)
    [(red, green, blue)] = _colours(taken, 10, 10, 90, 90)
    assert red > 200
    assert green < 60
    assert blue < 60
    assert _colours(taken, 202, 2, 298, 98) == {COVER}
    assert _colours(taken, 402, 2, 598, 98) == {COVER}
    box: Any = visitor.page.locator("#title").bounding_box()
    inside = [int(box["x"]) + 2, int(box["y"]) + 2]
    if box["y"] + box["height"] < 900:
        assert _colours(taken, *inside, inside[0] + 300, inside[1] + 30) == {COVER}


def _into_editor(visitor: Visitor) -> Any:
    visitor.go("/support/new")
    assert visitor.page.evaluate("window.html2canvas === undefined")
    visitor.page.get_by_role("button", name="Take this page").click()
    dialog = visitor.page.get_by_role("dialog", name="Check your screenshot")
    expect(dialog).to_be_visible()
    return dialog


def _drawn(visitor: Visitor) -> Any:
    return _picture(visitor.page.evaluate("document.querySelector('.stage canvas').toDataURL()"))


def test_a_region_is_blurred_by_dragging_and_undone(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    dialog = _into_editor(visitor)
    before = _drawn(visitor)
    box: Any = dialog.locator("canvas").bounding_box()
    mouse = visitor.page.mouse
    mouse.move(box["x"] + 5, box["y"] + 5)
    mouse.down()
    mouse.move(box["x"] + 305, box["y"] + 105, steps=4)
    mouse.up()
    after = _drawn(visitor)
    scale = before.width / box["width"]
    part = [int(side * scale) for side in (8, 8, 300, 100)]
    assert len(_colours(after, *part)) <= 6 * 6
    assert len(_colours(before, *part)) > len(_colours(after, *part))
    dialog.get_by_role("button", name="Undo").click()
    assert _drawn(visitor).tobytes() == before.tobytes()
    expect(dialog.get_by_role("button", name="Undo")).to_be_disabled()


def test_a_region_is_made_moved_and_removed_by_keyboard(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    dialog = _into_editor(visitor)
    dialog.get_by_role("button", name="Blur an area").press("Enter")
    area = dialog.get_by_role("button", name="Area 1:")
    expect(area).to_be_focused()
    first = _drawn(visitor)
    visitor.page.keyboard.press("ArrowUp")
    assert _drawn(visitor).tobytes() != first.tobytes()
    expect(area).to_be_focused()
    dialog.get_by_role("button", name="Remove area 1").press("Enter")
    expect(area).to_have_count(0)
    visitor.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_screenshot_goes_with_the_ticket(visitors: Visitors) -> None:
    for who, email in ((MEMBER, ""), ("", "shot@guests.example")):
        visitor = visitors.arrive(who)
        _into_editor(visitor).get_by_role("button", name="Use screenshot").click()
        expect(visitor.page.get_by_role("button", name="Remove screenshot")).to_be_visible()
        fill_in(visitor, "With a screenshot", email)
        visitor.press("Send ticket")
        if email:
            visitor.go(visitor.site.link_mailed_to(email, "/support/t/"))
        assert "Screenshot" in visitor.words
