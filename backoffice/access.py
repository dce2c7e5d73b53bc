"""Who may open which address of the back office: one entry for each, in the order of matching.

A route without an entry here, or an entry without a route, stops the start. Buttons and menu
entries ask the same table, so what is shown and what is let in cannot drift apart. The rooms check
again; this table only decides early and keeps forms from people who could not send them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from models import permissions
from models.actor import Actor
from models.permissions import Permission


@dataclass(frozen=True, slots=True)
class Access:
    """A named condition on who acts."""

    name: str
    allows: Callable[[Actor], bool]


def _needs(permission: Permission) -> Access:
    return Access(permission.value, lambda actor: permissions.may(actor, permission))


STAFF = Access("staff", lambda actor: actor.is_staff)
READ_TICKETS = _needs(Permission.TICKETS_READ)
WRITE_TICKETS = _needs(Permission.TICKETS_WRITE)
ASSIGN_TICKETS = _needs(Permission.TICKETS_ASSIGN)
READ_USERS = _needs(Permission.USERS_READ)
READ_KB = _needs(Permission.KB_READ)
WRITE_KB = _needs(Permission.KB_WRITE)
MANAGE_PEOPLE = Access("manage people", permissions.may_manage_people)
READ_AUDIT_LOG = Access("read the audit log", permissions.may_read_audit_log)

MOUNTS = {"/statics": STAFF, "/static": STAFF}

ROUTES: dict[tuple[str, str], Access] = {
    ("GET", "/"): READ_TICKETS,
    # tickets
    ("GET", "/tickets"): READ_TICKETS,
    ("GET", "/tickets/action/assign-to-me"): ASSIGN_TICKETS,
    ("POST", "/tickets/action/assign-to-me"): ASSIGN_TICKETS,
    ("GET", "/tickets/action/resolve"): WRITE_TICKETS,
    ("POST", "/tickets/action/resolve"): WRITE_TICKETS,
    ("GET", "/tickets/action/bulk-status"): WRITE_TICKETS,
    ("POST", "/tickets/action/bulk-status"): WRITE_TICKETS,
    ("GET", "/tickets/{ref}"): READ_TICKETS,
    ("POST", "/tickets/{ref}/reply"): WRITE_TICKETS,
    ("POST", "/tickets/{ref}/note"): WRITE_TICKETS,
    ("POST", "/tickets/{ref}/status"): WRITE_TICKETS,
    ("POST", "/tickets/{ref}/resolve"): WRITE_TICKETS,
    ("POST", "/tickets/{ref}/priority"): WRITE_TICKETS,
    ("POST", "/tickets/{ref}/severity"): WRITE_TICKETS,
    ("POST", "/tickets/{ref}/tags"): WRITE_TICKETS,
    ("POST", "/tickets/{ref}/article"): WRITE_TICKETS,
    ("POST", "/tickets/{ref}/assign"): ASSIGN_TICKETS,
    # knowledge base
    ("GET", "/kb"): READ_KB,
    ("GET", "/kb/new"): WRITE_KB,
    ("POST", "/kb/new"): WRITE_KB,
    ("GET", "/kb/action/publish"): WRITE_KB,
    ("POST", "/kb/action/publish"): WRITE_KB,
    ("GET", "/kb/action/unpublish"): WRITE_KB,
    ("POST", "/kb/action/unpublish"): WRITE_KB,
    ("GET", "/kb/{ref}/edit"): READ_KB,
    ("POST", "/kb/{ref}/edit"): WRITE_KB,
    ("GET", "/kb/{ref}/delete"): WRITE_KB,
    ("POST", "/kb/{ref}/delete"): WRITE_KB,
    # people
    ("GET", "/users"): READ_USERS,
    ("GET", "/users/{ref}"): READ_USERS,
    ("POST", "/users/{ref}/role"): MANAGE_PEOPLE,
    ("POST", "/users/{ref}/deactivate"): MANAGE_PEOPLE,
    ("POST", "/users/{ref}/reactivate"): MANAGE_PEOPLE,
    # settings
    ("GET", "/quick-issues"): WRITE_KB,
    ("GET", "/quick-issues/new"): WRITE_KB,
    ("POST", "/quick-issues/new"): WRITE_KB,
    ("GET", "/quick-issues/{ref}/edit"): WRITE_KB,
    ("POST", "/quick-issues/{ref}/edit"): WRITE_KB,
    ("GET", "/quick-issues/{ref}/delete"): WRITE_KB,
    ("POST", "/quick-issues/{ref}/delete"): WRITE_KB,
    ("GET", "/article-categories"): WRITE_KB,
    ("GET", "/article-categories/new"): WRITE_KB,
    ("POST", "/article-categories/new"): WRITE_KB,
    ("GET", "/article-categories/{ref}/edit"): WRITE_KB,
    ("POST", "/article-categories/{ref}/edit"): WRITE_KB,
    ("GET", "/article-categories/{ref}/delete"): WRITE_KB,
    ("POST", "/article-categories/{ref}/delete"): WRITE_KB,
    ("GET", "/ticket-categories"): WRITE_KB,
    ("GET", "/ticket-categories/new"): WRITE_KB,
    ("POST", "/ticket-categories/new"): WRITE_KB,
    ("GET", "/ticket-categories/{ref}/edit"): WRITE_KB,
    ("POST", "/ticket-categories/{ref}/edit"): WRITE_KB,
    ("GET", "/ticket-categories/{ref}/delete"): WRITE_KB,
    ("POST", "/ticket-categories/{ref}/delete"): WRITE_KB,
    # mail
    ("GET", "/mail"): READ_TICKETS,
    ("POST", "/mail/{ref}/again"): MANAGE_PEOPLE,
    ("POST", "/mail/{ref}/drop"): MANAGE_PEOPLE,
    # the log
    ("GET", "/audit"): READ_AUDIT_LOG,
}


def allows(actor: Actor, method: str, path: str) -> bool:
    """Whether the actor may open the route with this pattern; unknown ones are closed."""
    access = ROUTES.get((method, path))
    return access is not None and access.allows(actor)
