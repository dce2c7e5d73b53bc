"""The knowledge base as a folder tree of Markdown, which ``importing`` takes back as it was.

One folder a category, one file an article, its pictures in ``img``. The folder's own list of what
was written to it tells an earlier export from somebody else's files, which are never touched.
"""

import json
import os
import posixpath
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import permissions
from models.actor import Actor
from models.errors import NotAllowedNow
from models.kb import addresses, pictures, queries
from models.kb.importing import Report
from models.kb.tables import Article, ArticleSource, Picture
from models.kb.tree import Problem
from models.permissions import Permission

LIST = ".supportdesk-export.json"
_ARTICLE = re.compile(r"/help/([a-z0-9-]+)(#.*)?")
_PICTURE = re.compile(re.escape(pictures.PREFIX) + r"([0-9a-z.-]{1,60})")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
MAX_NAME = 80


def export_tree(
    db: Session, folder: Path, *, tell: Callable[[int, int], None], actor: Actor
) -> Report:
    """Write all articles, drafts too, into an empty folder or over an earlier export.

    Raises NotPermitted, NotAllowedNow for a folder with files of somebody else, OSError.
    """
    permissions.require(actor, Permission.KB_READ)
    target = _Target(folder)
    articles = list(queries.all_rows(db, actor=actor))
    writing = _Writing(db, articles, target)
    for number, article in enumerate(articles, 1):
        writing.write(article)
        tell(number, len(articles))
    target.finish()
    return writing.report


class _Target:
    """The folder that is written to."""

    def __init__(self, folder: Path) -> None:
        self._root = folder
        there = set(self._files())
        self._earlier = self._listed() & there
        if foreign := sorted(there - self._earlier - {LIST}):
            raise NotAllowedNow(
                f"{folder} holds files that no export wrote, such as {foreign[0]}. "
                "Name an empty folder."
            )
        self._written: set[str] = set()

    def _files(self) -> Iterator[str]:
        for place, folders, files in os.walk(self._root, followlinks=False):
            links = [name for name in folders if (Path(place) / name).is_symlink()]
            for name in [*files, *links]:
                yield (Path(place) / name).relative_to(self._root).as_posix()

    def _listed(self) -> set[str]:
        try:
            listed = json.loads((self._root / LIST).read_text(encoding="utf-8"))["files"]
            return {name for name in listed if not (self._root / name).is_symlink()}
        except (OSError, ValueError, KeyError, TypeError):
            return set()

    def put(self, path: str, data: bytes) -> str:
        """Write a file whole; what was done, as the report calls it."""
        if path not in self._written:
            self._written.add(path)
            self._list(self._earlier | self._written)
        whole = self._root / path
        is_there = path in self._earlier
        if is_there and whole.read_bytes() == data:
            return "unchanged"
        _write(whole, data)
        return "updated" if is_there else "created"

    def finish(self) -> None:
        """Remove what an earlier export wrote and this one did not."""
        for path in self._earlier - self._written:
            (self._root / path).unlink()
        self._list(self._written)
        for place, _, _ in sorted(os.walk(self._root), reverse=True):
            if Path(place) != self._root and not any(Path(place).iterdir()):
                Path(place).rmdir()

    def _list(self, files: set[str]) -> None:
        _write(self._root / LIST, json.dumps({"files": sorted(files)}, indent=1).encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".supportctl-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


@dataclass
class _Writing:
    """One run over all articles."""

    db: Session
    articles: list[Article]
    target: _Target
    report: Report = field(default_factory=Report)

    def __post_init__(self) -> None:
        self._titles = {each.slug: each.title for each in queries.categories(self.db)}
        self._paths = {article.slug: _path(article) for article in self.articles}
        self._pictures = {row.name: row for row in self.db.scalars(select(Picture))}
        sources = select(ArticleSource.article_id, ArticleSource.source_id)
        self._ids = {row.article_id: row.source_id for row in self.db.execute(sources)}
        self._names: dict[str, str] = {}  # path of a picture's file -> the picture
        self._placed: dict[tuple[str, str], str] = {}

    def write(self, article: Article) -> None:
        """Write one article and its pictures."""
        here = self._paths[article.slug]
        folder = posixpath.dirname(here)

        def replace(address: str, _line: int) -> str | None:
            if found := _PICTURE.fullmatch(address):
                return self._picture(found[1], folder, here)
            found = _ARTICLE.fullmatch(address)
            there = self._paths.get(found[1]) if found else None
            if found is None or there is None:
                return None
            return posixpath.relpath(there, folder) + (found[2] or "")

        body = addresses.replaced(article.content, replace)
        text = f"---\n{self._head(article)}---\n\n{body}\n"
        outcome = self.target.put(here, text.encode())
        setattr(self.report, outcome, getattr(self.report, outcome) + 1)

    def _head(self, article: Article) -> str:
        import yaml  # not above: commands that need it not start sooner

        values: dict[str, Any] = {
            "title": article.title,
            "slug": article.slug,
            "id": self._ids.get(article.id),
            "category": article.category,
            "category_title": self._titles[article.category],
            "tags": list(article.tags or []),
            "excerpt": article.excerpt,
            "draft": not article.is_published,
        }
        kept = {name: value for name, value in values.items() if value}
        return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=10_000)

    def _picture(self, name: str, folder: str, article: str) -> str | None:
        picture = self._pictures.get(name)
        if picture is None:
            return None
        path = self._placed.get((folder, name)) or self._put_picture(picture, folder, article)
        return path and quote(posixpath.relpath(path, folder))

    def _put_picture(self, picture: Picture, folder: str, article: str) -> str | None:
        try:
            data = pictures.content(picture.original_storage_name)
        except OSError:
            self.report.problems.append(
                Problem(article, f"The file of the picture {picture.file_name} is gone.")
            )
            return None
        path = self._free_name(f"{folder}/img", picture)
        self.target.put(path, data)
        self._placed[folder, picture.name] = path
        return path

    def _free_name(self, folder: str, picture: Picture) -> str:
        stem, suffix = _safe(picture)
        number = 1
        while True:
            path = f"{folder}/{stem}{f'-{number}' if number > 1 else ''}{suffix}"
            if self._names.setdefault(path.casefold(), picture.name) == picture.name:
                return path
            number += 1


def _path(article: Article) -> str:
    return f"{_unreserved(article.category)}/{_unreserved(article.slug)}.md"


def _unreserved(name: str) -> str:
    """Another name for those that Windows keeps for devices."""
    return f"{name}_" if _RESERVED.fullmatch(name) else name


def _safe(picture: Picture) -> tuple[str, str]:
    """Stem and suffix of a file name for every system, as near to the original as can be."""
    name = PurePosixPath(picture.file_name)
    suffix = name.suffix.lower() if re.fullmatch(r"\.\w{3,4}", name.suffix) else ""
    suffix = suffix or PurePosixPath(picture.name).suffix
    stem = re.sub(r"[^\w.-]+", "-", name.stem).strip("-.")[:MAX_NAME]
    return _unreserved(stem or "picture"), suffix
