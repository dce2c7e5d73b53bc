"""The articles of the bulk data: sections put together, each rendered as articles are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from models.actor import Door
from models.kb import render
from models.seeding import chance

VARIANTS = 12
SECTIONS_EACH = 3
_EVERY_DRAFT = 20


@dataclass(frozen=True, slots=True)
class Volume:
    """One article with what belongs to it."""

    row: dict[str, Any]
    audit: list[dict[str, Any]]
    entry: tuple[int, str, str, str]


@dataclass(frozen=True)
class Shelf:
    """``count`` articles of one author."""

    seed: int
    count: int
    words: dict[str, Any]
    categories: Sequence[str]
    author_id: str

    def id_of(self, n: int) -> str:
        """The id of the n-th of them."""
        return chance.new_id(n, self.seed, "article", n)

    def _written(self, n: int) -> datetime:
        return chance.moment(n / max(1, self.count) * 0.9)

    @cached_property
    def _sections(self) -> list[list[tuple[str, Any]]]:
        """Some variants of each section: its Markdown, and that rendered."""
        rng = chance.of(self.seed, "sections")
        return [
            [
                (written, render(written))
                for written in (chance.said(rng, section, self.words) for _ in range(VARIANTS))
            ]
            for section in self.words["sections"]
        ]

    def volume(self, n: int, number: int) -> Volume:
        """The n-th article under this number."""
        rng = chance.of(self.seed, "article", n)
        noun, other = (rng.choice(self.words["nouns"]) for _ in range(2))
        title = f"{rng.choice(self.words['adjectives'])} {noun} and {other} {n}".capitalize()
        parts = [rng.choice(kinds) for kinds in rng.sample(self._sections, SECTIONS_EACH)]
        text = "\n".join(rendered.text for _, rendered in parts)
        tags = sorted({noun, other})
        row = self._row(n, number, title, tags, parts)
        row["excerpt"] = text.replace("\n", " ")[:150]
        row["view_count"] = int(rng.paretovariate(1.2)) * 3
        return Volume(row, self._audit(row), (number, title, " ".join(tags), text))

    def _row(
        self, n: int, number: int, title: str, tags: list[str], parts: list[tuple[str, Any]]
    ) -> dict[str, Any]:
        written = self._written(n)
        is_published = n % _EVERY_DRAFT != 0
        return {
            "id": self.id_of(n),
            "number": number,
            "slug": f"bulk-{self.seed}-{n}",
            "title": title,
            "content": "\n\n".join(content for content, _ in parts),
            "html": "\n".join(rendered.html for _, rendered in parts),
            "headings": [
                {"level": heading.level, "id": heading.id, "title": heading.title}
                for _, rendered in parts
                for heading in rendered.headings
            ],
            "category": self.categories[n % len(self.categories)],
            "tags": tags,
            "helpful_count": 0,
            "not_helpful_count": 0,
            "is_published": is_published,
            "version": 1,
            "created_at": written,
            "updated_at": written,
            "published_at": written if is_published else None,
            "author_id": self.author_id,
        }

    def _audit(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        verbs = ["create", "publish"] if row["is_published"] else ["create"]
        return [
            {
                "id": chance.new_id(row["number"], row["id"], verb),
                "at": row["created_at"],
                "actor_id": self.author_id,
                "door": Door.CLI.value,
                "action": f"article.{verb}",
                "object_type": "article",
                "object_id": row["id"],
                "data": {"title": row["title"]},
            }
            for verb in verbs
        ]
