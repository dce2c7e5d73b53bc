"""Files on the ticket form: chosen, dropped, pasted, removed, too large, kept after an error."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.visitor import MEMBER, Visitor, Visitors

LOG: Any = {"name": "gateway.log", "mimeType": "text/plain", "buffer": b"line one"}
_GIVE = """([kind, name, text]) => {
  const given = new DataTransfer();
  given.items.add(new File([text], name, { type: "text/plain" }));
  const how = { bubbles: true, cancelable: true };
  const event = kind === "drop"
    ? new DragEvent("drop", { dataTransfer: given, ...how })
    : new ClipboardEvent("paste", { clipboardData: given, ...how });
  document.querySelector("#description").dispatchEvent(event);
}"""


def _rows(visitor: Visitor) -> Any:
    return visitor.page.locator("[data-attached] li")


def _at_the_form(visitors: Visitors, who: str = "", **options: Any) -> Visitor:
    visitor = visitors.arrive(who, **options)
    visitor.go("/support/new")
    return visitor


def fill_in(visitor: Visitor, title: str, email: str = "") -> None:
    """Fill in the fields that the form needs."""
    visitor.fill(Title=title, Description="Since noon.")
    visitor.page.get_by_label("Type").select_option(index=1)
    visitor.page.get_by_label("Category").select_option(index=1)
    if email:
        visitor.fill(**{"Your e-mail": email})


def _choose_drop_and_paste(visitor: Visitor) -> None:
    visitor.page.locator("#files").set_input_files([LOG])
    expect(_rows(visitor)).to_have_count(1)
    visitor.page.evaluate(_GIVE, ["drop", "dropped.txt", "dropped"])
    expect(_rows(visitor)).to_have_count(2)
    visitor.page.evaluate(_GIVE, ["paste", "pasted.txt", "pasted"])
    expect(_rows(visitor)).to_have_count(3)
    visitor.page.get_by_role("button", name="Remove gateway.log").click()
    expect(_rows(visitor)).to_have_count(2)


def test_a_customer_chooses_drops_pastes_and_removes(visitors: Visitors) -> None:
    visitor = _at_the_form(visitors, MEMBER)
    _choose_drop_and_paste(visitor)
    expect(visitor.page.locator("[data-attached] input[type=hidden]")).to_have_count(2)
    fill_in(visitor, "With files")
    visitor.press("Send ticket")
    assert "dropped.txt" in visitor.words
    assert "pasted.txt" in visitor.words
    assert "gateway.log" not in visitor.words


def test_a_guest_chooses_drops_pastes_and_removes(visitors: Visitors) -> None:
    visitor = _at_the_form(visitors)
    _choose_drop_and_paste(visitor)
    fill_in(visitor, "With a guest's files", "files@guests.example")
    visitor.press("Send ticket")
    visitor.go(visitor.site.link_mailed_to("files@guests.example", "/support/t/"))
    assert "dropped.txt" in visitor.words
    assert "pasted.txt" in visitor.words
    assert "gateway.log" not in visitor.words


def test_files_go_along_without_a_script(visitors: Visitors) -> None:
    visitor = _at_the_form(visitors, MEMBER, javascript=False)
    visitor.page.locator("#files").set_input_files([LOG])
    fill_in(visitor, "Without a script")
    visitor.press("Send ticket")
    assert "gateway.log" in visitor.words


def test_what_cannot_come_is_said_beside_the_field(visitors: Visitors) -> None:
    for who in ("", MEMBER):
        visitor = _at_the_form(visitors, who)
        field = visitor.page.locator("#files")
        empty: Any = {**LOG, "buffer": b""}
        six: Any = [{**LOG, "name": f"{n}.log"} for n in range(6)]
        field.set_input_files(empty)
        assert visitor.text("#files-wrong") == "gateway.log: This file is empty."
        assert field.get_attribute("aria-invalid") == "true"
        field.set_input_files(six)
        assert visitor.text("#files-wrong") == "Please send at most 5 files."
        expect(_rows(visitor)).to_have_count(5)


def test_a_file_that_the_server_refuses_is_said_too(visitors: Visitors) -> None:
    visitor = _at_the_form(visitors, MEMBER)
    wrong: Any = {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"}
    address = f"{visitor.site.base}/api/uploads"
    visitor.refused.add(address)
    visitor.page.locator("#files").set_input_files([wrong])
    expect(visitor.page.locator("#files-wrong")).to_contain_text("a.png: This is called image/png")
    expect(_rows(visitor)).to_have_count(0)


def test_files_stay_when_the_form_comes_back(visitors: Visitors) -> None:
    visitor = _at_the_form(visitors, MEMBER)
    visitor.page.locator("#files").set_input_files([LOG])
    expect(visitor.page.locator("[data-attached] input[type=hidden]")).to_have_count(1)
    visitor.page.evaluate("for (const form of document.forms) form.noValidate = true")
    visitor.press("Send ticket", status=422)
    expect(_rows(visitor)).to_have_count(1)
    fill_in(visitor, "Second try")
    visitor.press("Send ticket")
    assert "gateway.log" in visitor.words
