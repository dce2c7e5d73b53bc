"""Answers: a page from its template, a redirect with a word for the next page, cookies, caching."""

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from public_site.errors import Problem
from public_site.headers import BACK_OFFICE
from public_site.site import Site

if TYPE_CHECKING:
    from public_site.door import Visit

SESSION = "session"
FLASH = "flash"
FLASH_SECONDS = 60
PUBLIC_SECONDS = 60
MAX_NEXT = 500
MISSING = 404
SEE_OTHER = 303
# A cookie carries the name of a sentence only, so nobody can put words into our mouth.
FLASHES = {
    "ticket_sent": "Your ticket was sent. We answer here and by mail.",
    "reply_sent": "Your reply was sent.",
    "solved": "Marked as solved. A reply opens the ticket again.",
    "saved": "Saved.",
    "password_changed": "Your password is changed. All other browsers are signed out.",
    "sign_in_ended": "That browser is signed out.",
    "signed_out_everywhere": "You are signed out everywhere.",
    "token_revoked": "The token is revoked.",
    "deletion_asked": "We have your wish, and answer here.",
    "rated": "Thank you. You can change your vote for a week.",
    "signed_in": "You are signed in.",
    "signed_out": "You are signed out.",
    "password_set": "Your password is set, and you are signed in.",
}
_LOCAL_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def show(
    visit: "Visit", template: str, *, status: int = 200, public: bool = False, **context: Any
) -> Response:
    """A page from its template; ``public`` ones may be cached for visitors without a sign-in."""
    flash = flash_of(visit)
    html = visit.site.templates.get_template(template).render(
        visit=visit, actor=visit.actor, flash=FLASHES.get(flash or ""), **context
    )
    response = Response(html, status_code=status, media_type="text/html")
    if flash is not None:
        _delete_cookie(response, visit.site, FLASH)
    elif public and is_for_everybody(visit):
        return cached(visit, response)
    return response


def piece(visit: "Visit", template: str, **context: Any) -> Response:
    """A piece of a page, for its script; what the page before wants said waits for a page."""
    html = visit.site.templates.get_template(template).render(actor=visit.actor, **context)
    return Response(html, media_type="text/html")


def is_for_everybody(visit: "Visit") -> bool:
    """Whether a public page looks to this visitor as to everybody without a sign-in."""
    return not _has_session(visit) and flash_of(visit) is None


def flash_of(visit: "Visit") -> str | None:
    """The name of what the page before wants said, if anything."""
    return visit.request.cookies.get(visit.site.cookie_name(FLASH))


def _has_session(visit: "Visit") -> bool:
    return visit.site.cookie_name(SESSION) in visit.request.cookies


def cached(visit: "Visit", response: Response, *, vary: str = "Cookie") -> Response:
    """Let the answer be kept for a minute, and answer 304 to who has it already."""
    tag = f'"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    headers = {"Cache-Control": f"public, max-age={PUBLIC_SECONDS}", "ETag": tag, "Vary": vary}
    if response.status_code == 200 and is_known(visit.request.headers, tag):  # noqa: PLR2004 - OK
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def is_known(headers: Mapping[str, str], tag: str) -> bool:
    """Whether the browser says that it holds this version."""
    held = [item.strip().removeprefix("W/") for item in headers.get("if-none-match", "").split(",")]
    return tag in held or held == ["*"]


def redirect(visit: "Visit", to: str, *, flash: str | None = None) -> Response:
    """Go on to a page of this site, which may say a sentence of ``FLASHES`` once."""
    response = RedirectResponse(to, SEE_OTHER)
    if flash is not None:
        set_cookie(response, visit.site, FLASH, flash, seconds=FLASH_SECONDS)
    return response


def problem_page(visit: "Visit", problem: Problem) -> Response:
    """The page of a refusal."""
    response = show(visit, "problem.html", status=problem.status, problem=problem,
                    request_id=visit.request.scope["state"]["request_id"])  # fmt: skip
    response.headers.update(problem.headers)
    return response


def bare_problem_page(site: Site, problem: Problem, request_id: str) -> Response:
    """The page of a refusal for a request of which nothing is trusted, not even who sent it."""
    html = site.templates.get_template("bare.html").render(problem=problem, request_id=request_id)
    return Response(html, status_code=problem.status, media_type="text/html")


def to_sign_in(visit: "Visit") -> Response:
    """Go to the sign-in page and come back; from a form to the page that it stood on."""
    url = visit.request.url
    path = url.path if visit.request.method != "POST" else _page_of_form(url.path)
    query = f"?{url.query}" if url.query and visit.request.method != "POST" else ""
    target = local_path(path + query)
    return redirect(visit, f"/login?next={quote(target, safe='/')}" if target else "/login")


def _page_of_form(path: str) -> str:
    return "/account" if path.startswith("/account") else path.rpartition("/")[0]


def local_path(text: str) -> str | None:
    """The text if it is the path of a page here, so that no link can lead away through us."""
    if len(text) > MAX_NEXT or not _LOCAL_PATH.fullmatch(text):
        return None
    return None if text.startswith(("/login", "/logout", "/register")) else text


def after_sign_in(visit: "Visit", wanted: str) -> str:
    """Where somebody goes who just signed in."""
    home = BACK_OFFICE if visit.actor.is_staff else "/support"
    return local_path(wanted) or home


def set_cookie(response: Response, site: Site, name: str, value: str, *, seconds: int) -> None:
    """Set a cookie that scripts cannot read and other sites' requests do not carry."""
    response.set_cookie(
        site.cookie_name(name), value, max_age=seconds, path="/",
        secure=site.settings.is_https, httponly=True, samesite="lax",
    )  # fmt: skip


def _delete_cookie(response: Response, site: Site, name: str) -> None:
    response.delete_cookie(
        site.cookie_name(name), path="/", secure=site.settings.is_https, httponly=True,
        samesite="lax",
    )  # fmt: skip


def forget_session(response: Response, site: Site) -> None:
    """Take the session cookie away."""
    _delete_cookie(response, site, SESSION)
