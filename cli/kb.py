"""``supportctl kb``: articles as a folder tree of Markdown, in and out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import door, screen

if TYPE_CHECKING:
    from models.kb import Report

commands = typer.Typer(
    help="Import articles from a folder of Markdown, and export them.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Argument(metavar="DIR", show_default=False)]


@commands.command(
    "import", epilog="Example: supportctl kb import help-center --category billing --publish"
)
def import_(
    folder: Folder,
    category: Annotated[
        str,
        typer.Option(
            "--category",
            metavar="C",
            help="Slug or title of the category of all articles.",
            show_default="each file's own, or its first folder",
        ),
    ] = "",
    publish: Annotated[
        bool, typer.Option("--publish", help="Show readers what is not marked draft: true.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; report what would be done.")
    ] = False,
    json: door.Json = False,
    as_: door.As = None,
) -> None:
    """Import a folder tree of Markdown with YAML front matter and pictures.

    A file becomes an article, found again by its slug, else its id, else its path; deeper folders
    become tags. A file that did not change leaves an article alone that was edited or deleted here
    since; a file that changed is taken. Missing pictures and links to drafts are problems and no
    failure; exits with 1 when a file was refused.
    """
    from models import kb

    if not folder.is_dir():
        raise typer.BadParameter(f"there is no folder {folder}.", param_hint="DIR")
    actor = door.who(as_)
    wishes = kb.Wishes(category=category, publish=publish, dry_run=dry_run)
    with screen.progress() as tell:
        report = kb.import_tree(folder, wishes, tell=partial(tell, "articles"), actor=actor)
    _show(report, json)
    if report.refused:
        raise typer.Exit(1)


@commands.command("export", epilog="Example: supportctl kb export help-center")
def export_(folder: Folder, json: door.Json = False, as_: door.As = None) -> None:
    """Export all articles, drafts too, as a folder tree that import takes back.

    The folder must be new, empty or an earlier export, which is brought up to date.
    """
    from models import export, kb

    if folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is no folder.", param_hint="DIR")
    with door.reading(as_, long=True) as (db, actor):
        with door.writing(as_) as (writing, _actor):
            export.record(writing, "articles", actor=actor, format="markdown")
        with screen.progress() as tell:
            report = kb.export_tree(db, folder, tell=partial(tell, "articles"), actor=actor)
    _show(report, json)
    if report.problems:
        raise typer.Exit(1)


def _show(report: "Report", json: bool) -> None:
    counts = {
        name: getattr(report, name) for name in ("created", "updated", "unchanged", "skipped")
    }
    problems = [{"file": each.file, "message": each.message} for each in report.problems]
    for problem in problems if not json else ():
        screen.note(f"{problem['file']}: {problem['message']}".replace("\n", " "))
    if json:
        screen.document({**counts, "problems": problems})
    else:
        screen.line(", ".join(f"{number} {name}" for name, number in counts.items()))
