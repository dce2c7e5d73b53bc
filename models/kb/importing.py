"""A folder tree of Markdown taken into the knowledge base, again and again.

An article is found again by its ``slug``, else by its ``id``, else by its path. A file that says
what the article says changes nothing. An article that was edited here stays as it is until its
file changes, too; then the file wins.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from models import db as database
from models import permissions
from models.actor import Actor
from models.deeds import read
from models.errors import Invalid, NotAllowedNow, SupportError
from models.kb import actions, addresses, pictures
from models.kb.deeds import ArticleDeed, CategoryDeed
from models.kb.linking import Links, Place, Places
from models.kb.tables import Article, ArticleCategory, ArticleSource
from models.kb.tree import File, Problem, Tree
from models.permissions import Permission
from models.text import fold, slugify

EDITED = (
    "The article was edited here since the last import, and its file did not change: "
    "the article stays as it is. Change the file to have it taken again."
)
DELETED = (
    "The article was deleted here, and its file did not change: it stays deleted. "
    "Change the file to have it taken again."
)
MAX_CATEGORY = 60
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to import: into one category, published at once, or only as a rehearsal."""

    category: str = ""
    publish: bool = False
    dry_run: bool = False


@dataclass
class Report:
    """What was done with how many files; ``refused`` are those of ``skipped`` that were wrong."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)


def import_tree(folder: Path, wishes: Wishes, *, tell: Tell, actor: Actor) -> Report:
    """Take all articles below a folder, each in a transaction of its own.

    ``tell`` hears after each file how many of how many are done. Raises NotPermitted.
    """
    permissions.require(actor, Permission.KB_WRITE)
    tree = Tree(folder)
    with database.reading() as db:
        places = Places(db, tree.files, publish=wishes.publish)
        categories = list(db.scalars(select(ArticleCategory)))
    report = Report(skipped=tree.refused, refused=tree.refused, problems=tree.problems)
    taking = _Taking(tree, places, _Categories(categories, wishes.category), wishes, report, actor)
    for number, file in enumerate(tree.files, 1):
        taking.take(file)
        tell(number, len(tree.files))
    return report


class _Categories:
    """Finds a file's category by its slug or title, and says how a new one will be called."""

    def __init__(self, known: list[ArticleCategory], wanted: str) -> None:
        self._wanted = wanted
        self._titles = {category.slug: category.title for category in known}

    def of(self, file: File) -> CategoryDeed:
        """The category as slug and title. Raises Invalid when the file has none."""
        sheet = file.sheet
        name = self._wanted or sheet.category or (file.folders or [""])[0]
        if not name:
            raise Invalid({"category": "Put the file into a folder, or give --category."})
        if sheet.category_title and not self._wanted:
            slug, title = name, self._titles.get(name, sheet.category_title)
        else:
            slug = self._slug_of(name)
            title = self._titles.get(slug, name)
        deed = read(CategoryDeed, {"slug": slug, "title": title})
        self._titles[deed.slug] = deed.title
        return deed

    def _slug_of(self, name: str) -> str:
        if name in self._titles:
            return name
        same = [slug for slug, title in self._titles.items() if title.casefold() == name.casefold()]
        return same[0] if same else self._new_slug(name)

    def _new_slug(self, title: str) -> str:
        slug = slugify(title).replace("-", "_")[:MAX_CATEGORY].strip("_")
        if re.search("[a-z0-9]", fold(title)) or slug not in self._titles:
            return slug
        # Titles in other scripts all have the same slug, and are different categories.
        numbers = range(2, len(self._titles) + 3)
        return next(f"{slug}_{n}" for n in numbers if f"{slug}_{n}" not in self._titles)


@dataclass(frozen=True, slots=True)
class _Change:
    """What one file asks for, and where."""

    file: File
    place: Place
    deed: ArticleDeed
    category: CategoryDeed
    pictures: list[pictures.Prepared]
    publish: bool

    def outcome(self, db: Session) -> tuple[str, int | None]:
        """What is to be done, as the report calls it, and with which version of the article."""
        if self.place.article_id is None:
            return "created", None
        article = db.get_one(Article, self.place.article_id)
        if article.deleted_at is not None:
            return "skipped", None
        if not self._differs(article) and not self._turns(article):
            return "unchanged", article.version
        source = db.get(ArticleSource, article.id)
        is_same_file = source is not None and source.sha256 == self.file.sha256
        if source and is_same_file and source.version != article.version:
            return "skipped", article.version
        return "updated", article.version

    def _differs(self, article: Article) -> bool:
        return self.deed.slug != article.slug or bool(actions.changes(article, self.deed))

    def _turns(self, article: Article) -> bool:
        """Whether it is to be published or taken back."""
        if self.file.sheet.draft:
            return bool(article.is_published)
        return self.publish and not article.is_published

    def make(self, db: Session, version: int | None, *, actor: Actor) -> None:
        """Write it. Raises Stale when somebody was quicker, Taken for a slug in use."""
        self._make_category(db, actor)
        for picture in self.pictures:
            pictures.keep(db, picture)
        if self.place.article_id is None:
            article = actions.create_article(db, self.deed, actor=actor)
        else:
            article = db.get_one(Article, self.place.article_id)
            if self._differs(article):
                actions.update_article(db, article, self.deed, version=version, actor=actor)
        if self._turns(article):
            turn = actions.unpublish if article.is_published else actions.publish
            turn(db, article, actor=actor)
        db.flush()
        self.remember(db, article)

    def _make_category(self, db: Session, actor: Actor) -> None:
        same = select(ArticleCategory.id).where(ArticleCategory.slug == self.category.slug)
        if db.scalar(same) is None:
            actions.create_category(db, self.category, actor=actor)

    def remember(self, db: Session, article: Article) -> None:
        """Note which file the article was taken from, for the next import."""
        source = db.get(ArticleSource, article.id)
        if source is None:
            source_id, path = self.file.sheet.id or None, self.file.path
            same_path = and_(ArticleSource.source_id.is_(None), ArticleSource.path == path)
            same = ArticleSource.source_id == source_id if source_id else same_path
            db.execute(delete(ArticleSource).where(same))  # a deleted article's
            source = ArticleSource(article_id=article.id, source_id=source_id, path=path)
            db.add(source)
        source.sha256, source.version = self.file.sha256, article.version


@dataclass
class _Taking:
    """One run over the files of a tree."""

    tree: Tree
    places: Places
    categories: _Categories
    wishes: Wishes
    report: Report
    actor: Actor

    def take(self, file: File) -> None:
        """Import one file; what is wrong with it is noted, and the next one's turn comes."""
        try:
            outcome = self._outcome(file)
        except Invalid as error:
            self._refuse(file, *(f"{name}: {why}" for name, why in error.fields.items()))
        except SupportError as error:
            self._refuse(file, str(error))
        else:
            setattr(self.report, outcome, getattr(self.report, outcome) + 1)

    def _refuse(self, file: File, *sentences: str) -> None:
        self.report.problems += [Problem(file.path, sentence) for sentence in sentences]
        self.report.skipped += 1
        self.report.refused += 1

    def _outcome(self, file: File) -> str:
        place = self.places.of(file)
        if place.refusal:
            raise NotAllowedNow(place.refusal)
        links = Links(self.tree, self.places, file)
        content = addresses.replaced(file.body, links.replace)
        self.report.problems += links.problems
        category = self.categories.of(file)
        deed = self._deed(file, category.slug, content)
        brought = list(links.prepared.values())
        change = _Change(file, place, deed, category, brought, self.wishes.publish)
        with database.reading() as db:
            outcome, version = change.outcome(db)
        if outcome == "skipped":
            sentence = DELETED if place.is_deleted else EDITED
            self.report.problems.append(Problem(file.path, sentence))
        elif not self.wishes.dry_run:
            self._write(change, outcome, version)
        return outcome

    def _write(self, change: _Change, outcome: str, version: int | None) -> None:
        if outcome == "unchanged" and change.place.sha256 == change.file.sha256:
            return
        with database.unit_of_work() as db:
            if outcome == "unchanged":
                change.remember(db, db.get_one(Article, change.place.article_id))
            else:
                change.make(db, version, actor=self.actor)
        self.places.pictures |= {each.sha256: each.name for each in change.pictures}

    def _deed(self, file: File, category: str, content: str) -> ArticleDeed:
        sheet = file.sheet
        tags = [*sheet.tags, *file.folders[1:]]
        return read(
            ArticleDeed,
            {
                "title": sheet.title,
                "slug": self.places.of(file).slug,
                "content": content,
                "excerpt": sheet.excerpt,
                "category": category,
                "tags": tags,
            },
        )
