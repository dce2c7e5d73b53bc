"""``supportctl worker``: deliver the mails of the outbox, and delete what is old."""

from typing import Annotated

import typer

from cli import door, screen
from models.errors import SupportError


def worker(
    once: Annotated[
        bool, typer.Option("--once", help="Deliver what is due now, then end.")
    ] = False,
) -> None:
    """Deliver the outbox, and delete what is old, until stopped."""
    from cli import logs

    door.require_schema()
    logs.start()
    if once:
        _deliver_due()
    else:
        _deliver_until_stopped()


def _deliver_due() -> None:
    from models import housekeeping, notifications

    sent = delayed = dead = 0
    round_ = notifications.deliver_due()
    while round_ != notifications.Delivered():
        sent, delayed, dead = sent + round_.sent, delayed + round_.delayed, dead + round_.dead
        round_ = notifications.deliver_due()
    housekeeping.keep_house(lambda: False)
    screen.note(f"{sent} sent, {delayed} to be tried again, {dead} given up.")
    if delayed or dead:
        raise typer.Exit(1)


def _where() -> str:
    """Where mail goes; wrong settings end the command, a server that is away does not."""
    from models import notifications

    try:
        return notifications.check()
    except SupportError:
        raise
    except Exception as error:  # noqa: BLE001  # the worker tries again and again anyway
        return f"a server that does not answer now ({error})"


def _deliver_until_stopped() -> None:
    from models import housekeeping, notifications

    screen.note(f"Mail goes to {_where()}. Press Ctrl-C to stop.")
    worker = notifications.Worker(besides=housekeeping.keep_house)
    worker.start()
    try:
        door.wait_for_end()
    finally:
        worker.stop()
