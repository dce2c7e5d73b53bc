"""Reads the files in ``content/``; what their fields mean stands at the top of each."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONTENT = Path(__file__).parent / "content"
# The one in C reads the tickets in a tenth of the time; PyYAML may have been built without it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def entries(file: str, name: str) -> tuple[dict[str, Any], ...]:
    """The list of this name in a YAML file of the content folder."""
    return tuple(_parsed((CONTENT / file).read_text(encoding="utf-8"))[name])


@cache
def whole(file: str) -> dict[str, Any]:
    """All of a YAML file of the content folder."""
    found: dict[str, Any] = _parsed((CONTENT / file).read_text(encoding="utf-8"))
    return found


@cache
def articles() -> tuple[dict[str, Any], ...]:
    """The starter articles in the order of their categories and names."""
    order = [entry["slug"] for entry in entries("categories.yaml", "article_categories")]
    files = (CONTENT / "articles").glob("*/*.md")
    ordered = sorted(files, key=lambda file: (order.index(file.parent.name), file.name))
    return tuple(_article(file) for file in ordered)


def _article(file: Path) -> dict[str, Any]:
    _, front_matter, content = file.read_text(encoding="utf-8").split("---\n", 2)
    written = {"draft": False, **_parsed(front_matter)}
    return {**written, "category": file.parent.name, "content": content}


def _parsed(text: str) -> Any:
    return yaml.load(text, _Loader)  # noqa: S506  # both loaders are the safe one
