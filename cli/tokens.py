"""``supportctl tokens``: API tokens of people."""

from typing import Annotated, Any

import typer

from cli import door, screen
from models.errors import NotFound

commands = typer.Typer(help="Make, list and revoke API tokens.", no_args_is_help=True)


@commands.command(
    epilog="Example: supportctl tokens create sam@example.com --name reports "
    "--scope support:tickets:read --expires 90"
)
def create(
    email: Annotated[str, typer.Argument(metavar="EMAIL", show_default=False)],
    name: Annotated[str, typer.Option("--name", help="What the token is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="PERMISSION",
            help="Limit the token to this right of staff; may be repeated. "
            "One's own tickets stay reachable.",
            show_default="all of the person's",
        ),
    ] = None,
    expires: Annotated[
        int | None,
        typer.Option(
            "--expires", metavar="DAYS", min=1, max=3650, help="Days of life.", show_default="never"
        ),
    ] = None,
    json: door.Json = False,
    as_: door.As = None,
) -> None:
    """Make an API token; its secret is shown only now."""
    from models import users
    from models.deeds import read

    fields: dict[str, Any] = {"name": name, "expiresDays": expires}
    if scope:
        fields["scopes"] = _permissions(scope)
    deed = read(users.NewToken, fields)
    with door.writing(as_) as (db, actor):
        owner = users.get(db, email, actor=actor)
        token, secret = users.create_token(db, owner, deed, actor=actor)
        made = {
            "id": token.id,
            "name": token.name,
            "email": owner.email,
            "token": secret,
            "expiresAt": token.expires_at,
        }
    if json:
        screen.document(made)
        return
    screen.note(f"Made the token {token.id} for {owner.email}. Its secret is shown only now:")
    screen.line(secret)


def _permissions(scopes: list[str]) -> list[str]:
    from models.permissions import Permission

    known = [permission.value for permission in Permission]
    for scope in scopes:
        if scope not in known:
            raise typer.BadParameter(
                f"{scope!r} is not one of {', '.join(known)}.", param_hint="--scope"
            )
    return scopes


@commands.command("list", epilog="Example: supportctl tokens list")
def list_all(json: door.Json = False, as_: door.As = None) -> None:
    """List API tokens, ended ones too, without their secrets."""
    from models import users

    with door.reading(as_) as (db, actor):
        tokens = users.tokens(db, actor=actor)
    if json:
        screen.document(
            [
                {
                    "id": token.id,
                    "name": token.name,
                    "email": email,
                    "scopes": token.scopes,
                    "createdAt": token.created_at,
                    "expiresAt": token.expires_at,
                    "lastUsedAt": token.last_used_at,
                    "revokedAt": token.revoked_at,
                }
                for token, email in tokens
            ]
        )
        return
    screen.table(
        ("ID", "E-MAIL", "NAME", "EXPIRES", "LAST USED", "REVOKED"),
        (
            (
                token.id,
                email,
                token.name,
                screen.minute(token.expires_at),
                screen.minute(token.last_used_at),
                screen.minute(token.revoked_at) if token.revoked_at else "no",
            )
            for token, email in tokens
        ),
    )


@commands.command(epilog="Example: supportctl tokens revoke 0198c2f1-7a3e-7b44-9d3c-0f2f6d1f8a11")
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    as_: door.As = None,
) -> None:
    """End a token at once."""
    from models import users

    with door.writing(as_) as (db, actor):
        try:
            token = users.revoke_token(db, token_id, actor=actor)
        except NotFound:
            raise door.not_found(f"token {token_id}; supportctl tokens list shows them") from None
    screen.note(f"The token {token.name} opens nothing any more.")
