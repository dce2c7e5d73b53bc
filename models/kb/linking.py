"""Where the articles of a tree will be, and what links between its files become.

All places are known before the first article is written, so the order of the files is no matter.
"""

import hashlib
import html
import posixpath
import re
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from urllib.parse import unquote

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import Invalid
from models.kb import pictures
from models.kb.tables import Article, ArticleSource, FormerSlug, Picture
from models.kb.tree import SUFFIXES, File, Problem, Refused, Tree
from models.text import slugify

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff")
_HELP_CENTER = re.compile(r"(?:https?://[^/?#]+)?/hc/[\w-]+/articles/([0-9]{1,30})(?:-[^/?#]*)?/?")
_HERE = re.compile(r"/help/([a-z0-9-]+)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#?]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article is or will be; ``refusal`` says why its file cannot have one."""

    slug: str
    is_public: bool
    article_id: str | None = None
    is_deleted: bool = False
    sha256: str = ""  # of the file at the last import
    refusal: str = ""


class Places:
    """The places of all files of a tree, and of what else is in the knowledge base."""

    def __init__(self, db: Session, files: list[File], *, publish: bool) -> None:
        self._publish = publish
        articles = db.execute(select(Article).with_only_columns(
            Article.slug, Article.id, Article.is_published, Article.deleted_at
        )).all()  # fmt: skip
        self._articles = {row.id: row for row in articles}
        self._by_slug = {row.slug: row.id for row in articles if row.deleted_at is None}
        sources = db.scalars(select(ArticleSource)).all()
        self._sha256 = {source.article_id: source.sha256 for source in sources}
        self._by_id = {source.source_id: source for source in sources if source.source_id}
        self._by_path = {source.path: source for source in sources if not source.source_id}
        self._used = {row.slug for row in articles} | set(db.scalars(select(FormerSlug.slug)))
        self._used |= {file.sheet.slug for file in files}
        self.pictures = {
            row.original_sha256: row.name
            for row in db.execute(select(Picture.original_sha256, Picture.name))
        }
        self._owners: dict[str, str] = {}  # what only one file may claim, and which does
        self._by_file = {file.path: self._placed(file) for file in files}
        self._ids = {file.sheet.id: file.path for file in reversed(files) if file.sheet.id}
        self._slugs = {place.slug: place for place in self._by_file.values() if not place.refusal}

    def of(self, file: File) -> Place:
        """The place of one of the tree's files."""
        return self._by_file[file.path]

    def at_path(self, path: str) -> Place | None:
        """The place of the file with this path, None for a file that is not or cannot be taken."""
        place = self._by_file.get(path)
        return None if place is None or place.refusal else place

    def with_id(self, source_id: str) -> Place | None:
        """The place of the article with this id in its source."""
        if source_id in self._ids:
            return self.at_path(self._ids[source_id])
        source = self._by_id.get(source_id)
        return None if source is None else self._of_article(source.article_id)

    def with_slug(self, slug: str) -> Place | None:
        """The place of the article with this slug."""
        known = self._by_slug.get(slug)
        return self._slugs.get(slug) or (self._of_article(known) if known else None)

    def _of_article(self, article_id: str) -> Place | None:
        row = self._articles[article_id]
        return None if row.deleted_at else Place(row.slug, row.is_published, row.id)

    def _placed(self, file: File) -> Place:
        sheet = file.sheet
        for claim in (f"slug {sheet.slug}" * bool(sheet.slug), f"id {sheet.id}" * bool(sheet.id)):
            owner = self._owners.setdefault(claim, file.path) if claim else file.path
            if owner != file.path:
                return Place("", False, refusal=f"The file {owner} has the same {claim}.")
        source = self._by_id.get(sheet.id) if sheet.id else self._by_path.get(file.path)
        article_id = self._by_slug.get(sheet.slug) or (source.article_id if source else None)
        if article_id is None:
            return self._new(file)
        row = self._articles[article_id]
        if row.deleted_at is not None:
            is_same = source is not None and source.sha256 == file.sha256
            return Place("", False, article_id, is_deleted=True) if is_same else self._new(file)
        owner = self._owners.setdefault(article_id, file.path)
        if owner != file.path:
            refusal = f"The file {owner} is the same article, {row.slug}."
            return Place("", False, refusal=refusal)
        is_public = not sheet.draft and (self._publish or row.is_published)
        sha256 = self._sha256.get(article_id, "")
        return Place(sheet.slug or row.slug, is_public, article_id, sha256=sha256)

    def _new(self, file: File) -> Place:
        is_public = self._publish and not file.sheet.draft
        return Place(file.sheet.slug or self._free_slug(file.sheet.title), is_public)

    def _free_slug(self, title: str) -> str:
        base = slugify(title)
        names = (f"{base}-{number}" if number > 1 else base for number in count(1))
        slug = next(name for name in names if name not in self._used)
        self._used.add(slug)
        return slug


class Links:
    """What the addresses in one file become; ``prepared`` are the pictures that it brings."""

    def __init__(self, tree: Tree, places: Places, file: File) -> None:
        self._tree = tree
        self._places = places
        self._file = file
        self.prepared: dict[str, pictures.Prepared] = {}
        self.problems: list[Problem] = []

    def replace(self, address: str, line: int) -> str | None:
        """Another address for this one, None to leave it."""
        line += self._file.first_line - 1
        target, mark, part = html.unescape(address).partition("#")
        fragment = mark + part
        if by_id := _HELP_CENTER.fullmatch(target):
            place = self._places.with_id(by_id[1])
            return self._article(place, fragment, address, line)
        if here := _HERE.fullmatch(target):
            place = self._places.with_slug(here[1])
            return self._article(place, fragment, address, line)
        if not target or _ELSEWHERE.match(target):
            return None
        return self._relative(target, fragment, address, line)

    def _relative(self, target: str, fragment: str, address: str, line: int) -> str | None:
        path = posixpath.normpath(
            posixpath.join(posixpath.dirname(self._file.path), unquote(target))
        )
        suffix = PurePosixPath(path).suffix.lower()
        if suffix in SUFFIXES:
            place = self._places.at_path(path)
            if place is None:
                self._note(line, f"The link to {address} leads to no article of this folder.")
                return None
            return self._article(place, fragment, address, line)
        if suffix in PICTURE_SUFFIXES:
            return self._picture(path, address, line)
        place = self._places.with_slug(target)
        return self._article(place, fragment, address, line)

    def _article(self, place: Place | None, fragment: str, address: str, line: int) -> str | None:
        if place is None:
            return None
        if place.is_deleted:
            self._note(line, f"The link to {address} leads to an article that was deleted here.")
            return None
        if not place.is_public:
            self._note(line, f"The link to {address} leads to a draft.")
        return f"/help/{place.slug}{fragment}"

    def _picture(self, path: str, address: str, line: int) -> str | None:
        if path.startswith("../"):
            self._note(line, f"The picture {address} lies outside of the folder.")
            return None
        try:
            data = self._tree.bytes_of(path, pictures.MAX_BYTES)
            name = self._places.pictures.get(hashlib.sha256(data).hexdigest())
            if name is None:
                prepared = pictures.prepare(data, PurePosixPath(path).name)
                name = prepared.name
                self.prepared[name] = prepared
        except (OSError, ValueError):
            self._note(line, f"There is no picture {address}.")
        except Refused as error:
            self._note(line, f"The picture {address} was not taken. {error}")
        except Invalid as error:
            self._note(line, f"The picture {address} was not taken. {error}")
        else:
            return pictures.PREFIX + name
        return None

    def _note(self, line: int, sentence: str) -> None:
        self.problems.append(Problem(self._file.path, f"line {line}: {sentence}"))
