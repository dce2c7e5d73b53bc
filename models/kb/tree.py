"""A folder tree of articles as it lies on the disk: its files, what is written at their heads.

Nothing outside of the folder is read and no symbolic link is followed. What is wrong with a file is
a sentence in ``Problem``; the other files are read all the same.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict

from models.deeds import Deed, read
from models.errors import Invalid
from models.kb.deeds import Slug, Tags
from models.kb.tables import MAX_EXCERPT, MAX_SOURCE_ID, MAX_TITLE
from models.text import OneLine

MAX_ARTICLE_BYTES = 1_000_000
MAX_HEAD = 20_000  # characters of front matter
SUFFIXES = (".md", ".markdown")
_HEAD = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a file that somebody should know; the path is relative to the folder."""

    file: str
    message: str


class Refused(Exception):
    """A file cannot be taken; the text says why."""


def _word(value: object) -> object:
    """A number or a day where a word belongs is the word; yes and no are not."""
    if value is None or isinstance(value, bool | list | dict):
        raise ValueError("Please write words here, in quotes if need be.")
    return str(value)


def _words(value: object) -> object:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        raise ValueError("Please write a list of words here.")  # noqa: TRY004 - pydantic's way
    return [_word(each) for each in value]


_Word = BeforeValidator(_word)


class Sheet(Deed):
    """The front matter of an article; fields of other programs are left alone."""

    model_config = ConfigDict(extra="ignore", alias_generator=None)

    title: Annotated[str, OneLine(MAX_TITLE), _Word]
    slug: Annotated[Slug, _Word] = ""
    id: Annotated[str, OneLine(MAX_SOURCE_ID, required=False), _Word] = ""
    category: Annotated[str, OneLine(80, required=False), _Word] = ""
    category_title: Annotated[str, OneLine(80, required=False), _Word] = ""
    tags: Annotated[Tags, BeforeValidator(_words)] = []  # noqa: RUF012 - pydantic copies it
    excerpt: Annotated[str, OneLine(MAX_EXCERPT, required=False), _Word] = ""
    draft: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """An article's file: ``path`` relative to the folder, ``first_line`` of the body in it."""

    path: str
    sheet: Sheet
    body: str
    first_line: int
    sha256: str

    @property
    def folders(self) -> list[str]:
        """The folders that it lies in, from the outside."""
        return self.path.split("/")[:-1]


class Tree:
    """A folder; ``files`` are the articles in the order of their paths."""

    def __init__(self, folder: Path) -> None:
        self._root = folder.resolve()
        self.problems: list[Problem] = []
        self.refused = 0
        self.files = [file for path in sorted(self._paths()) if (file := self._file(path))]

    def _paths(self) -> Iterator[str]:
        for place, folders, files in os.walk(self._root, followlinks=False):
            here = Path(place).relative_to(self._root)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in [*folders]:
                if (Path(place) / name).is_symlink():
                    self._refuse(
                        (here / name).as_posix(), "Links to other folders are not followed."
                    )
                    folders.remove(name)
            for name in files:
                if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                    yield (here / name).as_posix()

    def _file(self, path: str) -> File | None:
        try:
            data = self.bytes_of(path, MAX_ARTICLE_BYTES)
            return _parsed(path, data)
        except (Refused, OSError) as error:
            self._refuse(path, str(error) if isinstance(error, Refused) else _reason(error))
        except Invalid as error:
            for field, sentence in error.fields.items():
                self.problems.append(Problem(_shown(path), f"{field}: {sentence}"))
            self.refused += 1
        return None

    def _refuse(self, path: str, message: str) -> None:
        self.problems.append(Problem(_shown(path), message))
        self.refused += 1

    def bytes_of(self, path: str, limit: int) -> bytes:
        """The content of a file in the folder. Raises Refused or OSError."""
        whole = self._root / path
        if whole.is_symlink() or whole.parent.resolve() != whole.parent:
            raise Refused("Links to other files are not followed.")
        # Opening must not wait for whoever writes into a pipe.
        handle = os.open(whole, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Refused("This is no file.")
            data = file.read(limit + 1)
        if len(data) > limit:
            raise Refused(f"The file is larger than {limit:,} bytes.")
        return data


def _reason(error: OSError) -> str:
    return f"It cannot be read: {error.strerror}."


def _shown(path: str) -> str:
    """A path for people and JSON; bytes that are no UTF-8 become question marks."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _parsed(path: str, data: bytes) -> File:
    text = _text(data)
    head = _HEAD.match(text)
    if head is None:
        raise Refused(
            "There is no front matter: the first line must be ---, then title: …, then ---."
        )
    sheet = read(Sheet, _head(head[1]))
    body = text[head.end() :]
    first_line = head[0].count("\n") + 1
    stripped = body.lstrip()
    first_line += body[: len(body) - len(stripped)].count("\n")
    return File(_shown(path), sheet, stripped, first_line, hashlib.sha256(data).hexdigest())


def _text(data: bytes) -> str:
    if b"\0" in data:
        raise Refused("This is a binary file, or it contains a NUL character.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(f"line {line}: This is no UTF-8 text. Please save it as UTF-8.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _head(text: str) -> Mapping[str, Any]:
    import yaml  # not above: commands that need it not start sooner

    if len(text) > MAX_HEAD:
        raise Refused(f"The front matter is longer than {MAX_HEAD:,} characters.")
    try:
        found = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 2}: " if mark else ""
        raise Refused(f"{where}The front matter is no YAML: {error.problem}.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Refused("The front matter is no YAML.") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refused("The front matter must be lines like title: …")
    return {str(name): value for name, value in found.items()}
