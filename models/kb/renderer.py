"""The program of one rendering worker: Markdown comes in, clean HTML goes out.

``rendering`` starts it by its path and kills it when it takes too long, so it imports nothing of
the application. Messages are JSON on ``multiprocessing``'s connection, each with its length first.
"""

import html
import importlib.util
import json
import re
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nh3
from markdown import Markdown
from markdown.extensions import Extension
from pygments.token import STANDARD_TYPES

MAX_MEMORY = 1 << 30
# A worker whose server was killed in the middle of a rendering ends by itself.
ORPHAN_SECONDS = 30

# --- Markdown to HTML -----------------------------------------------------------------------------


def _dialect() -> Extension:
    """Ours, from the file beside this one: a program started by its path finds no packages."""
    spec = importlib.util.spec_from_file_location(
        "supportdesk_dialect", Path(__file__).with_name("dialect.py")
    )
    if spec is None or spec.loader is None:
        raise ImportError("dialect.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    extension: Extension = module.Dialect()
    return extension


DIALECT = _dialect()
EXTENSIONS = (
    "admonition",
    "def_list",
    "footnotes",
    "sane_lists",
    "tables",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.magiclink",
    "pymdownx.quotes",
    "pymdownx.superfences",
    "pymdownx.tasklist",
    "pymdownx.tilde",
)
EXTENSION_CONFIGS: dict[str, dict[str, Any]] = {
    "tables": {"use_align_attribute": True},
    "pymdownx.highlight": {"guess_lang": False, "linenums_style": "inline"},
    "pymdownx.quotes": {"callouts": True},
    "pymdownx.tilde": {"subscript": False},
}
# Markdown keeps its own notes in the text between STX and ETX; typed ones would be taken for them.
_CONTROLS = {code: None for code in (*range(0x20), 0x7F) if chr(code) not in "\n\t\r"}
# The page needs the state of a task, not a form field.
_TASK_BOX = re.compile(r'<input type="checkbox" disabled( checked)?/>')


def to_html(markdown: str) -> str:
    """Markdown as HTML that nobody may see before ``clean``."""
    # A new converter each time: nothing of one article can turn up in the next.
    converter = Markdown(extensions=[*EXTENSIONS, DIALECT], extension_configs=EXTENSION_CONFIGS)
    return _TASK_BOX.sub(_task_mark, converter.convert(markdown.translate(_CONTROLS)))


def _task_mark(box: re.Match[str]) -> str:
    return f'<span class="task-mark">{"☑" if box[1] else "☐"}</span>'


# --- what is allowed ------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_TAGS = _HEADINGS | _words(
    "a abbr b blockquote br caption code dd del details div dl dt em figcaption figure hr i img ins"
    " kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead"
    " tr u ul var"
)
# Gone with what is inside; of any other unknown tag the text stays.
_GONE = _words(
    "embed iframe math noembed noframes noscript object script select style svg template textarea"
    " title xmp"
)
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "id", "title"},
    "abbr": {"title"},
    "details": {"open"},
    **{heading: {"id"} for heading in _HEADINGS},
    "img": {"alt", "height", "src", "title", "width"},
    "li": {"id"},
    "ol": {"start"},
    "sup": {"id"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_ALIGN = {"align": {"left", "center", "right"}}
_NOTES = _words(
    "note info tip hint important success question warning caution danger error example quote"
)
_CLASSES = {
    "a": {"footnote-backref", "footnote-ref"},
    "details": _NOTES,
    "div": {"admonition", "footnote", "highlight", *_NOTES},
    "li": {"task-list-item"},
    "p": {"admonition-title"},
    "span": {"filename", "hll", "linenos", "task-mark", *STANDARD_TYPES.values()} - {""},
    "ul": {"task-list"},
}
_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_ID_PREFIX = "kb-"
MAX_ROUNDS = 8
_ID = re.compile(r"[\w:.-]{1,200}")
_SIZE = re.compile(r"[0-9]{1,4}")
_SIZES = frozenset({"colspan", "rowspan", "start", "width", "height"})


def _keep(tag: str, name: str, value: str) -> str | None:
    """The value that an allowed attribute may have, None to drop it."""
    if name == "id":
        return _prefixed(value)
    if name in _SIZES:
        return value if _SIZE.fullmatch(value) else None
    if tag == "img" and name == "src":
        return value if _is_image_source(value) else None
    if name == "href" and "#" in value and not _leads_away(value):
        page, _, place = value.partition("#")
        target = _prefixed(place)
        return f"{page}#{target}" if target else page or None
    return value


def _leads_away(address: str) -> bool:
    """Whether a browser would leave this site, by its own lenient reading of the address."""
    address = re.sub(r"[\t\r\n]", "", address).lstrip(_C0_AND_SPACE).replace("\\", "/")
    return address.startswith("//") or bool(re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE))


def _prefixed(name: str) -> str | None:
    """An id that cannot meet one of the page's own."""
    if not _ID.fullmatch(name):
        return None
    return name if name.startswith(_ID_PREFIX) else _ID_PREFIX + name


def _is_image_source(address: str) -> bool:
    if re.match(r"https?://[^/\\@\s]", address, re.IGNORECASE):
        return True
    path = unquote(address)
    return (
        address.startswith("/help/")
        and not {"", ".", ".."} & set(path.split("/")[1:])
        and not re.search(r"[\\\x00-\x1f]", path)
    )


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_GONE,
    attributes=_ATTRIBUTES,
    attribute_filter=_keep,
    tag_attribute_values={"td": _ALIGN, "th": _ALIGN},
    allowed_classes=_CLASSES,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


def clean(markup: str) -> str:
    """Only what the lists above allow; cleaning it again changes nothing.

    Once is not enough: what stands in the wrong place, a heading among table rows, is read anew by
    the next reader, and that must not be the first one to see it so. Raises ValueError if it does
    not come to rest.
    """
    for _ in range(MAX_ROUNDS):
        before, markup = markup, _CLEANER.clean(markup)
        if markup == before:
            return markup
    raise ValueError("never twice the same")


# --- what the page needs --------------------------------------------------------------------------

_BLOCKS = _HEADINGS | _words(
    "blockquote br dd details div dl dt figcaption figure hr li ol p pre summary table td th tr ul"
)
_VOID = _words("br hr img")
MAX_DEPTH = 100  # far beyond any article; browsers and other readers give up at some depth
_PICTURE = re.compile(r"/help/pictures/[0-9a-f]{32}-([0-9]{1,5})x([0-9]{1,5})\.[a-z]+$")
_SCROLL = '<div class="table-scroll" role="group" aria-label="Table" tabindex="0">'


@dataclass
class _Heading:
    level: int
    id: str | None  # as the writer named it
    opens_at: int  # index of its start tag among the pieces
    closes_at: int = 0
    words: list[str] = field(default_factory=list)


class _Dresser(HTMLParser):
    """Adds fixed text to clean HTML and notes its headings and words; lets nothing new in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self.words: list[str] = []
        self.headings: list[_Heading] = []
        self.ids: set[str] = set()
        self._open: list[_Heading] = []
        self._depth = 0
        self._mute = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self.get_starttag_text() or ""
        given = dict(attrs)
        if tag not in _HEADINGS:
            self.ids.add(given.get("id") or "")
        self._part(tag)
        self._descend(tag)
        if tag in _HEADINGS:
            self._open.append(_Heading(int(tag[1]), given.get("id"), len(self.pieces)))
            self.headings.append(self._open[-1])
        elif tag == "img" and "src" not in given:
            start = html.escape(given.get("alt") or "")
            self._say(given.get("alt") or "")
        elif tag == "img":
            start = start[:-1] + _size_of(given) + ' loading="lazy">'
            self._say(given.get("alt") or "")
        elif tag == "a":
            self._mute = (given.get("class") or "").startswith("footnote-")
            away = _leads_away(given.get("href") or "")
            start = start[:-1] + (' rel="noopener nofollow ugc">' if away else ">")
        elif tag == "pre":
            start = start[:-1] + ' tabindex="0">'
        elif tag == "table":
            start = _SCROLL + start
        self.pieces.append(start)

    def handle_endtag(self, tag: str) -> None:
        self._part(tag)
        self._depth -= 1
        if tag == "a":
            self._mute = False
        if tag in _HEADINGS:
            self._open.pop().closes_at = len(self.pieces)
        self.pieces.append(f"</{tag}>" + ("</div>" if tag == "table" else ""))

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
        self._say(data)

    def handle_entityref(self, name: str) -> None:
        self.pieces.append(f"&{name};")
        self._say(html.unescape(f"&{name};"))

    def _part(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._say("\n")

    def _descend(self, tag: str) -> None:
        self._depth += tag not in _VOID
        if self._depth > MAX_DEPTH:
            raise ValueError("nested too deep")

    def _say(self, words: str) -> None:
        if self._mute:  # footnote marks are no words
            return
        for heading in self._open:
            heading.words.append(words)
        self.words.append(words)


def _size_of(image: dict[str, str | None]) -> str:
    """The size of one of our own pictures, which its name tells, so that nothing jumps later."""
    size = _PICTURE.match(image.get("src") or "")
    if size is None or "width" in image or "height" in image:
        return ""
    return f' width="{size[1]}" height="{size[2]}"'


def dress(cleaned: str) -> dict[str, Any]:
    """Clean HTML with what the page needs; as the answer ``{html, headings, text}``.

    The highest heading becomes h2, for the page has its own h1, and no level is left out on the way
    down. Links that lead away, images, code and tables get their attributes; an image without an
    allowed address is its text. Raises ValueError if it is nested too deep.
    """
    dresser = _Dresser()
    dresser.feed(cleaned)
    dresser.close()
    headings = _place_headings(dresser)
    return {"html": "".join(dresser.pieces), "headings": headings, "text": _plain(dresser.words)}


def _place_headings(dresser: _Dresser) -> list[dict[str, Any]]:
    """Put each heading's level and name into its tags; gives those that have words."""
    shift = 2 - min((heading.level for heading in dresser.headings), default=2)
    level = 1
    taken = dresser.ids | {heading.id for heading in dresser.headings if heading.id}
    named: set[str] = set()
    counts: dict[str, int] = {}
    found = []
    for heading in dresser.headings:
        level = min(heading.level + shift, level + 1, 6)
        title = " ".join("".join(heading.words).split())
        name = heading.id or ""
        if not name or name in named | dresser.ids:
            name = _heading_id(title, taken, counts)
        named.add(name)
        dresser.pieces[heading.opens_at] = f'<h{level} id="{name}">'
        dresser.pieces[heading.closes_at] = f"</h{level}>"
        if title:
            found.append({"level": level, "id": name, "title": title})
    return found


def _heading_id(title: str, taken: set[str], counts: dict[str, int]) -> str:
    """``kb-`` and the title's words; a second one of the same name is counted on."""
    name = _ID_PREFIX + ("-".join(re.findall(r"\w+", title.casefold()))[:80] or "section")
    while True:
        count = counts[name] = counts.get(name, 0) + 1
        counted = name if count == 1 else f"{name}:{count}"
        if counted not in taken:
            return counted


def _plain(words: list[str]) -> str:
    lines = (" ".join(line.split()) for line in "".join(words).splitlines())
    return "\n".join(line for line in lines if line)


def render(markdown: str) -> dict[str, Any]:
    """The whole way of one article."""
    return dress(clean(to_html(markdown)))


# --- the worker -----------------------------------------------------------------------------------


def _answer(markdown: str) -> dict[str, Any]:
    try:
        return render(markdown)
    except Exception as error:  # noqa: BLE001 - whatever an article does to the parser, say so
        return {"problem": type(error).__name__}


def _limit_memory() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError):  # a tighter limit stands already, or macOS, which has none
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, most))


def main() -> None:
    """Answer until the server's end of the connection, our standard input, is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; we end when it does
    _limit_memory()
    server = Connection(sys.stdin.fileno())
    server.send_bytes(b'"ready"')
    with suppress(EOFError):
        while True:
            markdown = json.loads(server.recv_bytes())
            signal.alarm(ORPHAN_SECONDS)
            server.send_bytes(json.dumps(_answer(markdown)).encode())
            signal.alarm(0)


if __name__ == "__main__":
    main()
