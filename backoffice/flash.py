"""What is said after a deed: fixed sentences by a short code in the address, never free text."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse

BASE = "/support-dashboard"

SENTENCES = {
    "reply": "Your reply was sent.",
    "note": "The internal note was saved. Only staff can see it.",
    "status": "The status was changed.",
    "resolve": "The ticket is resolved, and the customer is told.",
    "priority": "The priority was changed.",
    "severity": "The severity was changed.",
    "assign": "The assignee was changed.",
    "tags": "The tags were saved.",
    "article": "The article was linked.",
    "assigned": "The tickets are yours now.",
    "resolved": "The tickets are resolved, and their customers are told.",
    "moved": "The status of the tickets was changed.",
    "created": "Created.",
    "saved": "Saved.",
    "deleted": "Deleted.",
    "published": "Published: everybody can read it now.",
    "unpublished": "Unpublished: only staff can read it now.",
    "mail_again": "The mail is on its way again.",
    "mail_dropped": "The mail was deleted.",
    "role": "The role was changed. The person has to sign in again.",
    "deactivated": "The person can no longer sign in.",
    "reactivated": "The person can sign in again.",
}


def go(path: str, done: str, query: dict[str, str] | None = None) -> RedirectResponse:
    """Lead back to a page of the dashboard that then says what was done."""
    return RedirectResponse(f"{BASE}{path}?{urlencode({**(query or {}), 'done': done})}", 303)


def said(request: Request) -> str | None:
    """The sentence for this page, if its address carries a known code."""
    return SENTENCES.get(request.query_params.get("done", ""))
