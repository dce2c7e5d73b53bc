"""What writers of help centers use beyond plain Markdown: CommonMark's lists, named headings.

A part of the rendering worker's program, so it imports nothing of the application.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

STEP = 4  # columns, by which Markdown's own reading of lists goes in
MAX_LEVELS = 50
_ITEM = re.compile(r"( *)([*+-]|\d{1,9}[.)])( +)(?=\S)")
_FENCE = re.compile(r" *(`{3,}|~{3,})")
_NAMED = re.compile(r"\s*\{#([\w:.-]{1,200})\}\s*$")
_ATTRIBUTES = re.compile(r"^\{(?:[ ]?[.#][\w:-]{1,100}){1,20}[ ]?\}")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


class Dialect(Extension):
    """Adds both to a converter."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        md.preprocessors.register(ListIndents(md), "list_indents", 28)  # before fences, at 25
        md.treeprocessors.register(Names(md), "names", 8)  # after the inline ones, at 20


class ListIndents(Preprocessor):
    """Indents what belongs to a list item by four columns a level, wherever its text began.

    CommonMark goes by the column of the item's first word: three columns after ``1. ``.
    """

    def run(self, lines: list[str]) -> list[str]:
        """The lines with their new indents."""
        return list(self._indented(lines))

    def _indented(self, lines: list[str]) -> Iterator[str]:
        columns: list[int] = []  # where the text of each open item begins
        fence = ""
        for line in lines:
            text = line.lstrip(" ")
            if not text or "\t" in line[: len(line) - len(text)]:
                yield line
                continue
            indent = len(line) - len(text)
            item = None if fence else _ITEM.match(line)
            while columns and indent < columns[-1] and (item or not fence):
                columns.pop()
            level = len(columns)
            base = columns[-1] if columns else 0
            fence = _fence_after(fence, line)
            if item and indent - base < STEP and level < MAX_LEVELS:
                columns.append(item.end() if len(item[3]) <= STEP else item.end(2) + 1)
                yield " " * STEP * level + text
            elif columns:
                yield " " * _place(indent, base, level, bool(fence)) + text
            else:
                yield line


def _fence_after(fence: str, line: str) -> str:
    """The fence that is open behind this line, empty if none."""
    mark = _FENCE.match(line)
    if not fence:
        return mark[1] if mark else ""
    closes = mark and mark[1].startswith(fence) and not line[mark.end() :].strip()
    return "" if closes else fence


def _place(indent: int, base: int, level: int, is_code: bool) -> int:
    """The column of a line inside of an item; one that was right already stays."""
    further = indent - base
    if further < STEP and not is_code:
        return STEP * level
    return max(STEP * level + further, 0) if indent < STEP * (level + 1) else indent


class Names(Treeprocessor):
    """Reads ``{#name}`` behind a heading; takes ``{.class}`` behind links and pictures away."""

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for element in root.iter():
            if element.tag in _HEADINGS:
                _take_name(element)
            elif element.tag in ("a", "img") and element.tail:
                element.tail = _ATTRIBUTES.sub("", element.tail, count=1)


def _take_name(heading: Element) -> None:
    last = heading[-1] if len(heading) else None
    text = (heading.text if last is None else last.tail) or ""
    named = _NAMED.search(text[-250:])
    if named is None:
        return
    heading.set("id", named[1])
    kept = text[: len(text) - len(named[0])]
    if last is None:
        heading.text = kept
    else:
        last.tail = kept
