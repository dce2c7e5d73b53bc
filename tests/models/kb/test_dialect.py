"""Lists as CommonMark reads them, named headings, notes, sizes of pictures."""

import pytest

from models.kb.rendering import render
from tests.models.kb.test_renderer import faults


def html(markdown: str) -> str:
    return render(markdown).html.replace("\n", "")


@pytest.mark.parametrize("step", [2, 3, 4])
def test_what_belongs_to_an_item_stays_in_it(step: int) -> None:
    space = " " * step
    mark = "1." if step > 2 else "-"
    tag = "ol" if step > 2 else "ul"
    made = html(
        f"{mark} One\n\n{space}More.\n\n{space}* Deep\n{space}* Deeper\n\n{mark} Two\n"
        f"\n{space}```\n{space}code\n{space}  in\n{space}```\n\nAfter"
    )
    assert made.count(f"<{tag}>") == 1 + (tag == "ul")
    assert "<p>More.</p><ul><li>Deep</li><li>Deeper</li></ul></li>" in made
    assert "code" in made.partition("Two")[2].partition("</li>")[0]
    assert made.endswith(f"</{tag}><p>After</p>")


def test_code_is_not_moved() -> None:
    made = render("```\n1. a\n   * b\n```\n\n    1. c\n       * d\n").html
    assert "1. a\n   * b" in made.replace('<span class="w">', "").replace("</span>", "")
    assert "1. c\n   * d" in made


def test_a_heading_has_the_name_that_was_given() -> None:
    made = render("## One {#first}\n\n## *Two*{#Second}\n\n[a](#first) [b](#Second)\n\n## One\n")
    assert [heading.id for heading in made.headings] == ["kb-first", "kb-Second", "kb-one"]
    assert [heading.title for heading in made.headings] == ["One", "Two", "One"]
    assert 'href="#kb-first"' in made.html
    assert 'href="#kb-Second"' in made.html


def test_no_two_places_have_one_name() -> None:
    made = render('<a id="one"></a>\n\n## One\n\n## A {#x}\n\n## B {#x}\n\n## C {#two}\n\n## Two\n')
    assert [heading.id for heading in made.headings] == [
        "kb-one:2", "kb-x", "kb-b", "kb-two", "kb-two:2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        '# x {#a" onclick="__p=1}',
        "# x {#a onclick=__p=1}",
        "# x {: #csrf_token }",
        '# x {#a style="position:fixed"}',
        "[x](http://a){.b onclick=__p=1}",
        '<h2 id="x" onclick="__p=1" style="x">x</h2>',
    ],
)
def test_a_name_brings_nothing_else(written: str) -> None:
    made = render(written).html
    assert faults(made) == []
    assert 'id="csrf_token"' not in made
    assert "<h2 onclick" not in made


def test_only_names_and_classes_are_taken_from_the_text() -> None:
    assert html("## Use {name} and {{7*7}}").endswith("Use {name} and {{7*7}}</h2>")
    assert html("[x](/help){.link-external} {.kept}") == '<p><a href="/help">x</a> {.kept}</p>'


@pytest.mark.parametrize(
    ("kind", "style"),
    [("NOTE", "note"), ("TIP", "tip"), ("IMPORTANT", "important"), ("CAUTION", "caution")],
)
def test_notes_of_quotes(kind: str, style: str) -> None:
    made = html(f"1. a\n\n   > [!{kind}]\n   > Mind *this*.\n")
    assert f'<div class="admonition {style}">' in made
    assert f'<p class="admonition-title">{kind.title()}</p><p>Mind <em>this</em>.</p>' in made


def test_our_pictures_keep_their_place_on_the_page() -> None:
    own = f"/help/pictures/{'a' * 32}-640x480.png"
    assert 'width="640" height="480"' in html(f"![x]({own})")
    assert "640" not in html(f'<img src="{own}" width="20" alt="x">').replace(own, "")
    assert "width" not in html(f"![x](https://example.com{own})")


@pytest.mark.parametrize(
    "written",
    ["1. " * 3000, "\n".join(" " * n + "* x" for n in range(300)), "* a\n" * 5000,
     "# x {#" * 5000, "[x](y){.a" * 5000, "> [!NOTE]\n" * 3000, "{.a " * 20_000],
    ids=["marks", "deep", "long", "names", "classes", "notes", "attributes"],
)  # fmt: skip
def test_long_runs_come_to_an_end(written: str) -> None:
    assert render(written).html
