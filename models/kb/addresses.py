"""Where links and pictures in Markdown lead, found and replaced without touching code."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator

# What is at a place of the text; None leaves it. Also told: the number of its line, from 1.
Replace = Callable[[str, int], str | None]

# Every repetition is bounded, so that no text takes long.
_ADDRESS = re.compile(
    r"""
    \]\([ ]{0,3} (?: <(?P<angle>[^<>\n]{1,1000})>
        | (?P<plain>(?:[^()<>\s]|\([^()\n]{0,200}\)|[ ](?![ ]*["')])){1,1000}) )
        (?=[ ]{0,3}[)"']|[ ]{1,3}["'])
    | ^[ ]{0,3}\[[^\]\n]{1,200}\]:[ ]{1,3}(?P<defined>[^\s<>]{1,1000})
    | \b(?:href|src)=(?:"(?P<double>[^"\n]{1,1000})"|'(?P<single>[^'\n]{1,1000})')
    """,
    re.VERBOSE | re.MULTILINE,
)
_FENCE = re.compile(r"[ >]{0,40}(?:[*+-][ ]+|\d{1,9}[.)][ ]+)?(`{3,}|~{3,})([^\n]*)")
_TICKS = re.compile("`+")
FAR = 2_000  # no code within a line of text is longer


def replaced(markdown: str, replace: Replace) -> str:
    """The text with other addresses in its links and pictures; code stays as it is."""
    pieces, done = [], 0
    for start, end in _prose(markdown):
        pieces.append(markdown[done:start])
        pieces.append(_in_prose(markdown, start, end, replace))
        done = end
    return "".join([*pieces, markdown[done:]])


def _in_prose(markdown: str, start: int, end: int, replace: Replace) -> str:
    pieces, done = [], start
    line, counted = markdown.count("\n", 0, start) + 1, start
    for found in _ADDRESS.finditer(markdown, start, end):
        group = str(found.lastgroup)
        line += markdown.count("\n", counted, found.start(group))
        counted = found.start(group)
        new = replace(found[group], line)
        if new is None:
            continue
        # A new address holds nothing that would need angle brackets.
        is_angled = group == "angle"
        pieces += [markdown[done : found.start(group) - is_angled], new]
        done = found.end(group) + is_angled
    return "".join([*pieces, markdown[done:end]])


def _prose(markdown: str) -> Iterator[tuple[int, int]]:
    """The stretches that are no code."""
    for start, end in _between(_fenced(markdown), 0, len(markdown)):
        yield from _between(_spans(markdown, start, end), start, end)


def _between(code: Iterator[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    for code_start, code_end in code:
        if code_start > start:
            yield start, code_start
        start = code_end
    if start < end:
        yield start, end


def _fenced(markdown: str) -> Iterator[tuple[int, int]]:
    at, opened, fence = 0, 0, ""
    for text in markdown.split("\n"):
        mark = _FENCE.match(text)
        if mark and not fence:
            fence, opened = mark[1], at
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            yield opened, at + len(text)
            fence = ""
        at += len(text) + 1
    if fence:
        yield opened, len(markdown)


def _spans(markdown: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """From a run of backticks to the next one that is as long, within one paragraph."""
    runs = [match.span() for match in _TICKS.finditer(markdown, begin, stop)]
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        by_length[end - start].append(start)
    done = begin
    for start, end in runs:
        same = by_length[end - start]
        position = bisect_right(same, start)
        if start < done or position == len(same):
            continue
        if "\n\n" not in markdown[end : min(same[position], end + FAR)]:
            done = same[position] + end - start
            yield start, done
