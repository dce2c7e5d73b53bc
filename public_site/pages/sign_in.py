"""Getting in and out: password, one-time link by mail, signing up, signing out."""

from starlette.responses import Response

from models import accounts, users
from models.base import now
from models.db import reading, unit_of_work
from models.deeds import Deed
from models.users import LinkPurpose, SignedIn
from public_site import door, errors, forms, rendering
from public_site.door import Visit
from public_site.forms import Form

BESIDES = frozenset({"next", "username"})  # where to go on, and what password managers look for
WITHOUT_PASSWORD = BESIDES | {"password"}
LABELS = {"email": "E-mail", "name": "Your name", "password": "Password"}


class LinkUse(Deed):
    """What a link's page sends: the new password if the link is for that."""

    password: str | None = None


def sign_in_page(visit: Visit) -> Response:
    """The form; whoever is signed in already goes on."""
    if visit.actor.is_signed_in:
        return rendering.redirect(visit, rendering.after_sign_in(visit, visit.query["next"]))
    return _sign_in_form(visit, visit.query)


def _sign_in_form(visit: Visit, form: Form, problem: errors.Problem | None = None) -> Response:
    return rendering.show(
        visit, "sign_in/sign_in.html", form=form, problem=problem, labels=LABELS,
        next=rendering.local_path(form["next"]) or "",
    )  # fmt: skip


def sign_in(visit: Visit) -> Response:
    """Sign in by password."""

    def deed() -> Response:
        given = visit.form.read(users.SignInDeed, apart=BESIDES)
        opened = users.sign_in(given, actor=visit.actor, user_agent=_agent(visit))
        return _entered(visit, opened, visit.form["next"], "signed_in")

    return forms.submitted(deed, lambda problem: _sign_in_form(visit, visit.form, problem))


def request_link(visit: Visit) -> Response:
    """Mail a one-time link; the answer is the same whether we know the address or not."""

    def deed() -> Response:
        given = visit.form.read(accounts.LinkRequest, apart=WITHOUT_PASSWORD)
        with unit_of_work() as db:
            accounts.request_link(db, given, actor=visit.actor)
        return _look_into_mail(visit, given.email)

    return forms.submitted(deed, lambda problem: _sign_in_form(visit, visit.form, problem))


def _look_into_mail(visit: Visit, email: str) -> Response:
    return rendering.show(visit, "sign_in/mailed.html", email=email)


def link_page(visit: Visit) -> Response:
    """What the link is for, with a button; looking (or a mail scanner's visit) does nothing."""
    return _link_form(visit)


def _link_form(visit: Visit, problem: errors.Problem | None = None) -> Response:
    with reading() as db:
        info = users.link_info(db, visit.path("token"))
    return rendering.show(
        visit, "sign_in/link.html", info=info, problem=problem, form=Form(), labels=LABELS,
        sets_password=info.purpose is LinkPurpose.SET_PASSWORD,
    )  # fmt: skip


def use_link(visit: Visit) -> Response:
    """Use the link up: sign in, after setting the password if it is for that."""

    def deed() -> Response:
        given = visit.form.read(LinkUse, apart=BESIDES)
        token, password = visit.path("token"), given.password
        opened = users.use_link(token, password, actor=visit.actor, user_agent=_agent(visit))
        return _entered(visit, opened, "", "password_set" if password else "signed_in")

    return forms.submitted(deed, lambda problem: _link_form(visit, problem))


def _entered(visit: Visit, opened: SignedIn, wanted: str, flash: str) -> Response:
    """Give the browser its new session; one that it held before ends."""
    if visit.actor.is_signed_in:
        with unit_of_work() as db:
            users.sign_out(db, actor=visit.actor)
    visit.actor = opened.actor
    response = rendering.redirect(visit, rendering.after_sign_in(visit, wanted), flash=flash)
    seconds = int((opened.expires_at - now()).total_seconds())
    rendering.set_cookie(response, visit.site, rendering.SESSION, opened.token, seconds=seconds)
    return response


def _agent(visit: Visit) -> str:
    return visit.request.headers.get("user-agent", "")


def sign_out(visit: Visit) -> Response:
    """End this session here and in the browser."""
    if visit.actor.is_signed_in:
        with unit_of_work() as db:
            users.sign_out(db, actor=visit.actor)
    response = rendering.redirect(visit, "/help", flash="signed_out")
    if door.session_token(visit.request):
        rendering.forget_session(response, visit.site)
    return response


def register_page(visit: Visit) -> Response:
    """The form to sign up."""
    if visit.actor.is_signed_in:
        return rendering.redirect(visit, "/account")
    return _register_form(visit, visit.query)


def _register_form(visit: Visit, form: Form, problem: errors.Problem | None = None) -> Response:
    return rendering.show(visit, "sign_in/register.html", form=form, problem=problem, labels=LABELS)


def register(visit: Visit) -> Response:
    """Mail a link to set a password; the answer does not tell whether the address is known."""

    def deed() -> Response:
        given = visit.form.read(accounts.Register)
        with unit_of_work() as db:
            accounts.register(db, given, actor=visit.actor)
        return _look_into_mail(visit, given.email)

    return forms.submitted(deed, lambda problem: _register_form(visit, visit.form, problem))
