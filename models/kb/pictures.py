"""Pictures in articles: cleaned and kept once per content, and which article shows which.

Readers get the clean copy only. The original is kept beside it and goes nowhere but back to the
operator in an export, so that importing that export gives the very same pictures.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import db as database
from models import images
from models.adapters import storage
from models.kb.tables import MAX_FILE_NAME, Article, ArticlePicture, Picture

PREFIX = "/help/pictures/"
MAX_BYTES = 10 * 1024 * 1024
_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_ADDRESS = re.compile(PREFIX + r"([0-9a-f]{32}-[0-9]{1,5}x[0-9]{1,5}\.[a-z]{3,4})")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture ready to be kept: what came, and the clean copy."""

    file_name: str
    sha256: str
    original: bytes
    copy: images.Picture

    @property
    def name(self) -> str:
        """Its name in addresses."""
        size = f"{self.copy.width}x{self.copy.height}"
        return f"{self.sha256[:32]}-{size}.{_SUFFIXES[self.copy.content_type]}"


def prepare(data: bytes, file_name: str) -> Prepared:
    """Clean a picture. Raises Invalid for what is none."""
    sha256 = hashlib.sha256(data).hexdigest()
    return Prepared(file_name[-MAX_FILE_NAME:], sha256, data, images.clean(data))


def keep(db: Session, picture: Prepared) -> None:
    """Keep a picture, unless its content is there already."""
    database.lock(db, "kb:pictures")
    if db.scalar(select(Picture.id).where(Picture.original_sha256 == picture.sha256)) is not None:
        return
    db.add(
        Picture(
            name=picture.name,
            original_sha256=picture.sha256,
            file_name=picture.file_name,
            content_type=picture.copy.content_type,
            width=picture.copy.width,
            height=picture.copy.height,
            storage_name=storage.put(picture.copy.data),
            original_storage_name=storage.put(picture.original),
        )
    )
    db.flush()


def name_of(db: Session, data: bytes) -> str | None:
    """The name of the picture with this content, if it is kept already."""
    sha256 = hashlib.sha256(data).hexdigest()
    return db.scalar(select(Picture.name).where(Picture.original_sha256 == sha256))


def note_use(db: Session, article: Article) -> None:
    """Write down which pictures the article shows now."""
    names = set(_ADDRESS.findall(article.html))
    shown = set(db.scalars(select(Picture.id).where(Picture.name.in_(names)))) if names else set()
    noted = set(
        db.scalars(select(ArticlePicture.picture_id).where(ArticlePicture.article_id == article.id))
    )
    if noted - shown:
        forget_use(db, article, noted - shown)
    db.add_all(
        ArticlePicture(article_id=article.id, picture_id=each) for each in sorted(shown - noted)
    )
    db.flush()


def forget_use(db: Session, article: Article, only: set[str] | None = None) -> None:
    """The article shows these pictures no more; without ``only`` none."""
    rows = delete(ArticlePicture).where(ArticlePicture.article_id == article.id)
    db.execute(rows if only is None else rows.where(ArticlePicture.picture_id.in_(only)))


def content(storage_name: str) -> bytes:
    """The bytes of a kept picture. Raises OSError when the file is gone."""
    return storage.get(storage_name)


def kept_files(db: Session, names: Sequence[str]) -> set[str]:
    """Those of the stored files that belong to a picture."""
    found: set[str] = set()
    for column in (Picture.storage_name, Picture.original_storage_name):
        found.update(db.scalars(select(column).where(column.in_(names))))
    return found
