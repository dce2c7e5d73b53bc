"""Addresses in Markdown: each form is found, code is left alone."""

import pytest

from models.kb.addresses import replaced


def seen(markdown: str) -> list[str]:
    found: list[str] = []
    replaced(markdown, lambda address, _line: found.append(address))
    return found


@pytest.mark.parametrize(
    ("markdown", "addresses"),
    [
        ("[a](b.md)", ["b.md"]),
        ("![a](b.png)", ["b.png"]),
        ('[a](b.md "A title")', ["b.md"]),
        ("[a]( <b c.md> )", ["b c.md"]),
        ("![a](b c.png)", ["b c.png"]),
        ("[a](b_(c).md) (d)", ["b_(c).md"]),
        ("[![a](b.png)](c.md)", ["b.png", "c.md"]),
        ("[`code`](b.md)", ["b.md"]),
        ("[a]: b.md 'T'\n[b]: c.md", ["b.md", "c.md"]),
        ('<img alt="x" src="b.png"> <a href=\'c.md\'>', ["b.png", "c.md"]),
        ("`[a](b.md)` ``x ` [c](d.md)`` [e](f.md)", ["f.md"]),
        ("```\n[a](b.md)\n```\n[c](d.md)", ["d.md"]),
        ("1. x\n\n   ~~~~ md\n   ~~~\n   [a](b.md)\n   ~~~~\n[c](d.md)", ["d.md"]),
        ("```\n[a](b.md)", []),
        ("one ` tick [a](b.md)\n\nand ` another", ["b.md"]),
        ("[a]() [b](\n) plain", []),
    ],
)
def test_each_form_is_found(markdown: str, addresses: list[str]) -> None:
    assert seen(markdown) == addresses
    assert replaced(markdown, lambda *_: None) == markdown


def test_only_the_address_is_replaced() -> None:
    text = '[a](b.md "T") <img src="b.md"> [c](<b.md>) `b.md`\n\n[d]: b.md\n'
    assert replaced(text, lambda *_: "/x") == (
        '[a](/x "T") <img src="/x"> [c](/x) `b.md`\n\n[d]: /x\n'
    )


def test_lines_are_counted() -> None:
    lines: list[int] = []
    replaced("[a](1)\n\n`x`\n[b](2) [c](3)\n", lambda _, line: lines.append(line))
    assert lines == [1, 4, 4]


RUNS = ["`", "](", "](<", "[a](", "](a(b", 'src="', "` ``", "```\n", "[a]: b", f"]({'a' * 900}"]


@pytest.mark.parametrize("part", RUNS, ids=range(len(RUNS)))
def test_long_runs_come_to_an_end(part: str) -> None:
    text = part * (200_000 // len(part))
    assert replaced(text, lambda *_: None) == text
