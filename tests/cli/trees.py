"""Small folder trees of articles for tests, with what real help centers hold."""

import io
import random
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select

from models import db, kb
from models.actor import operator
from models.audit import AuditEntry
from models.base import Base
from models.deeds import read
from models.kb.tables import Article, ArticleCategory, ArticlePicture, ArticleSource, Picture
from tests.cli.terminal import Ran, run
from tests.models.world import stored

GPS = 0x8825
EVERYTHING = (Article, ArticleCategory, ArticlePicture, ArticleSource, Picture, AuditEntry)


def picture(kind: str = "PNG", *, seed: int = 1, size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture that no two seeds have alike; a JPEG says where it was taken."""
    noise = random.Random(seed).randbytes(size[0] * size[1] * 3)
    drawn = Image.frombytes("RGB", size, noise)
    more: dict[str, Any] = {}
    if kind == "JPEG":
        exif = Image.Exif()
        exif[0x010F] = "A camera"
        exif.get_ifd(GPS)[1] = "N"
        more = {"exif": exif, "quality": 60}
    out = io.BytesIO()
    drawn.save(out, kind, **more)
    return out.getvalue()


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder; text as UTF-8."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def page(title: str, body: str = "Words.", **fields: object) -> str:
    """An article's file."""
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f'---\ntitle: "{title}"\n{head}---\n\n{body}\n'


def center(root: Path) -> Path:
    """A help center with links of every form, anchors, notes, lists, pictures, a draft."""
    return write(
        root,
        {
            "Store Support/Returns/Return-an-item.md": page(
                "Return an item",
                "See [fees](../../About us/Fees.md#why) and\n"
                "[accounts](https://help.example.com/hc/en-us/articles/17-Accounts#junior),\n"
                "[elsewhere](https://help.example.com/hc/en-us/articles/99){.link-external},\n"
                "[the draft](../Soon.md) and [a place](#request-a-return).\n\n"
                "`[code](../../About us/Fees.md)`\n\n"
                "## How to return{#request-a-return}\n\n"
                "1. Go.\n\n   * Deeper.\n\n   > [!NOTE]\n   > Mind this.\n\n2. Done.\n\n"
                "![The button](img/button.png) ![Gone](img/gone.png)\n"
                '<img src="img/photo.jpg" alt="A photo">\n',
                id=360014704319,
            ),
            "Store Support/Returns/img/button.png": picture(),
            "Store Support/Returns/img/photo.jpg": picture("JPEG"),
            "Store Support/Soon.md": page("Soon", id=5, draft="true"),
            "About us/Fees.md": "\ufeff"
            + page(
                "Fees",
                '<a id="why"></a><!-- old -->\n\n# Why\n\n[Back](/hc/articles-of-others)\n'
                "[Return](/hc/en-us/articles/360014704319#request-a-return)\n"
                "![Same](<img/the same button.png>)\n",
                id=16,
            ).replace("\n", "\r\n"),
            "About us/img/the same button.png": picture(),
            "About us/Accounts.md": page("Accounts", "## Junior {#junior}\n\nText.", id=17),
            "About us/Also-accounts.md": page("Accounts", "The same title."),
        },
    )


def stand(*tables: type[Base]) -> dict[str, list[dict[str, Any]]]:
    """Every row of these tables, to be compared with later."""
    with db.reading() as session:
        return {
            table.__tablename__: sorted(
                (dict(row) for row in session.execute(select(table.__table__)).mappings()),
                key=str,
            )
            for table in tables
        }


def take(folder: Path, *more: str) -> Ran:
    """Import a folder and publish."""
    return run("kb", "import", str(folder), "--publish", "--json", *more)


def counts(ran: Ran) -> tuple[int, int, int, int]:
    """How many were created, updated, unchanged, skipped."""
    report = ran.json
    return report["created"], report["updated"], report["unchanged"], report["skipped"]


def said(ran: Ran) -> dict[str, str]:
    """The problems by file; several of one file in one text."""
    found: dict[str, str] = {}
    for problem in ran.json["problems"]:
        found[problem["file"]] = f"{found.get(problem['file'], '')}{problem['message']}\n"
    return found


def article(slug: str) -> Article:
    """The article with this slug."""
    (found,) = stored(Article, slug=slug)
    return found


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def edit(slug: str, **changes: Any) -> None:
    """What a writer does in the back office."""
    with db.unit_of_work() as session:
        found = kb.get(session, slug, actor=operator())
        values = {"title": found.title, "content": found.content, "category": found.category}
        deed = read(kb.ArticleDeed, {**values, "tags": found.tags, **changes})
        kb.update_article(session, found, deed, actor=operator())
