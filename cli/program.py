"""The program: its commands, and the one translation of domain errors to lines and exit codes."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli import doctor, export, kb, migrate, seed, serve, tokens, users, worker
from models import errors

FAILED, NOT_FOUND, NOT_PERMITTED, REFUSED, INTERRUPTED = 1, 3, 4, 5, 130


class Program(TyperGroup):
    """The root command; every error of every command passes through here."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command and translate what goes wrong."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # here, where a full disk can still be told
        except KeyboardInterrupt:
            _say("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None
        except errors.SupportError as error:
            _say(f"Error: {_line(error)}")
            _record_refusal(ctx, error)
            raise typer.Exit(exit_code(error)) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            _say(f"Error: {error.filename or 'output'}: {error.strerror or error}.")
            raise typer.Exit(FAILED) from None
        return result


def exit_code(error: errors.SupportError) -> int:
    """The exit code of a domain error."""
    match error:
        case errors.NotFound():
            return NOT_FOUND
        case errors.NotPermitted():
            return NOT_PERMITTED
        case errors.Invalid() | errors.NotAllowedNow() | errors.Stale() | errors.TooMany():
            return REFUSED
        case _:
            return FAILED


def _line(error: errors.SupportError) -> str:
    if isinstance(error, errors.Invalid) and error.fields:
        return "\n".join(f"{field}: {sentence}" for field, sentence in error.fields.items())
    return str(error)


def _say(line: str) -> None:
    from cli import screen

    screen.note(line)


def _record_refusal(ctx: Any, error: errors.SupportError) -> None:
    if isinstance(error, errors.NotPermitted):
        from cli import door

        door.record_refusal(f"cli.{ctx.invoked_subcommand}", str(error))


app = typer.Typer(
    cls=Program,
    help="Run and look after Supportdesk.",
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 not permitted, "
    "5 refused by a rule, 130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
)
app.command(epilog="Example: supportctl serve --port 9000 --workers 2")(serve.serve)
app.command(epilog="Example: supportctl migrate --check")(migrate.migrate)
app.command(epilog="Example: supportctl seed --demo")(seed.seed)
app.add_typer(export.commands, name="export")
app.add_typer(kb.commands, name="kb")
app.add_typer(users.commands, name="users")
app.add_typer(tokens.commands, name="tokens")
app.command(epilog="Example: supportctl worker --once")(worker.worker)
app.command(epilog="Example: supportctl doctor --json")(doctor.doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"supportctl {version('supportdesk')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and end."
        ),
    ] = False,
) -> None:
    """Run and look after Supportdesk."""
