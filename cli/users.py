"""``supportctl users``: look people up, create them, change their roles and access."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import door, screen
from models.actor import Role

if TYPE_CHECKING:
    from models.overview import GatewayRow, UserCard
    from models.users import PersonRow

LOOKUP_LIMIT = 20

commands = typer.Typer(help="Look up, create and change people.", no_args_is_help=True)


def an_email(text: str) -> str:
    """An e-mail address in its canonical form; anything else is a usage error."""
    from models.text import canonical_email

    try:
        return canonical_email(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Email = Annotated[str, typer.Argument(metavar="EMAIL", show_default=False)]
NewEmail = Annotated[str, typer.Argument(metavar="EMAIL", parser=an_email, show_default=False)]


@commands.command(epilog="Example: supportctl users lookup ann@example.com")
def lookup(
    query: Annotated[str, typer.Argument(metavar="QUERY", show_default=False)],
    json: door.Json = False,
    as_: door.As = None,
) -> None:
    """Find people by e-mail, part of it, or name, with gateways and recent tickets."""
    from models import overview, users

    with door.reading(as_) as (db, actor):
        people = users.lookup(db, query, limit=LOOKUP_LIMIT, actor=actor)
        cards = [overview.user_card(db, user, actor=actor) for user in people]
    if json:
        screen.document([_card_document(card) for card in cards])
    for card in cards if not json else ():
        _show_card(card)
    if not cards:
        raise door.not_found(f"person that matches {query}")


def _person_document(person: "PersonRow | UserCard") -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "plan": person.plan,
        "isActive": person.is_active,
        "createdAt": person.created_at,
        "lastLoginAt": person.last_login_at,
    }


def _card_document(card: "UserCard") -> dict[str, Any]:
    gateways = [
        {
            "id": gateway.id,
            "name": gateway.name,
            "type": gateway.type,
            "status": gateway.status,
            "lastError": gateway.last_error,
            "lastErrorAt": gateway.last_error_at,
        }
        for gateway in card.gateways
    ]
    tickets = [
        {
            "id": ticket.id,
            "ticketNumber": ticket.ticket_number,
            "title": ticket.title,
            "status": ticket.status,
            "createdAt": ticket.created_at,
        }
        for ticket in card.tickets
    ]
    more = {"gateways": gateways, "tickets": tickets, "ticketCount": card.ticket_count}
    return {**_person_document(card), **more}


def _show_card(card: "UserCard") -> None:
    state = "" if card.is_active else ", deactivated"
    screen.line(f"{card.name or '(no name)'} <{card.email or card.id}>{state}")
    screen.line(f"  Plan        {card.plan}")
    screen.line(f"  Role        {card.role}")
    screen.line(f"  Joined      {screen.minute(card.created_at)}")
    screen.line(f"  Last login  {screen.minute(card.last_login_at)}")
    screen.line(f"  Gateways    {len(card.gateways)}")
    for gateway in card.gateways:
        screen.line(f"    {gateway.name} ({gateway.type}): {gateway.status}{_last_error(gateway)}")
    screen.line(f"  Tickets     {card.ticket_count}")
    for ticket in card.tickets:
        screen.line(f"    {ticket.ticket_number} {ticket.title} ({ticket.status})")
    screen.line("")


def _last_error(gateway: "GatewayRow") -> str:
    if gateway.last_error is None:
        return ""
    return f", last error {screen.minute(gateway.last_error_at)}: {gateway.last_error}"


@commands.command("list", epilog="Example: supportctl users list --json")
def list_all(json: door.Json = False, as_: door.As = None) -> None:
    """List all people."""
    from models import users

    with door.reading(as_) as (db, actor):
        people = list(users.all_rows(db, actor=actor))
    if json:
        screen.document([_person_document(person) for person in people])
        return
    screen.table(
        ("E-MAIL", "NAME", "ROLE", "PLAN", "ACTIVE", "JOINED", "LAST LOGIN"),
        (
            (
                person.email,
                person.name,
                person.role,
                person.plan,
                "yes" if person.is_active else "no",
                screen.minute(person.created_at),
                screen.minute(person.last_login_at),
            )
            for person in people
        ),
    )


@commands.command(
    epilog="Example: supportctl users create sam@example.com --role SUPPORT --name 'Sam Okafor'"
)
def create(
    email: NewEmail,
    role: Annotated[Role, typer.Option("--role", help="What the person may do.")],
    name: Annotated[str, typer.Option("--name", help="How people call them.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask anything.")] = False,
    json: door.Json = False,
    as_: door.As = None,
) -> None:
    """Create a person; without a password, print a one-time link to set one."""
    from models import users
    from models.deeds import read

    deed = read(users.NewUser, {"email": email, "name": name, "role": role})
    password_hash = None
    if password_stdin:
        password_hash = users.hash_new_password(_password(no_input), email=email)
    with door.writing(as_) as (db, actor):
        user = users.create(db, deed, password_hash=password_hash, actor=actor)
        link = None if password_hash else users.new_password_link(db, user, actor=actor)
        made = {"id": user.id, "email": user.email, "role": user.role, "link": link}
    if json:
        screen.document(made)
        return
    screen.note(f"Created {email} as {role.value}.")
    if link:
        screen.note("With this link the person sets a password, once and within 7 days:")
        screen.line(link)


def _password(no_input: bool) -> str:
    if not sys.stdin.isatty():
        return _first_line()
    if no_input:
        raise typer.BadParameter(
            "there is nobody to ask. Pipe the password in.", param_hint="--password-stdin"
        )
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _first_line() -> str:
    try:
        password = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        password = ""
    if not password:
        raise typer.BadParameter(
            "no password came on standard input.", param_hint="--password-stdin"
        )
    return password


@commands.command("set-role", epilog="Example: supportctl users set-role sam@example.com ADMIN")
def set_role(
    email: Email,
    role: Annotated[Role, typer.Argument(show_default=False)],
    as_: door.As = None,
) -> None:
    """Give a person another role; their sign-ins end."""
    from models import users

    with door.writing(as_) as (db, actor):
        users.set_role(db, users.get(db, email, actor=actor), role, actor=actor)
    screen.note(f"{email} has the role {role.value}.")


@commands.command(epilog="Example: supportctl users deactivate sam@example.com")
def deactivate(email: Email, as_: door.As = None) -> None:
    """Take a person's access away; tickets and messages stay."""
    from models import users

    with door.writing(as_) as (db, actor):
        users.deactivate(db, users.get(db, email, actor=actor), actor=actor)
    screen.note(f"{email} is deactivated.")


@commands.command(epilog="Example: supportctl users reactivate sam@example.com")
def reactivate(email: Email, as_: door.As = None) -> None:
    """Give a deactivated person access again."""
    from models import users

    with door.writing(as_) as (db, actor):
        users.reactivate(db, users.get(db, email, actor=actor), actor=actor)
    screen.note(f"{email} is active again.")
