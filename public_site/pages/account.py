"""My account: name and mail, password, sign-ins, a copy of my data, and asking that it goes."""

import tempfile
from collections.abc import Iterator
from typing import IO

from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from models import export, tickets, users
from models.actor import Actor
from models.db import reading, unit_of_work
from models.users import User
from public_site import errors, forms, rendering
from public_site.door import Visit
from public_site.forms import Form, Nothing

ROLE_TITLES = {
    "MEMBER": "Customer", "SUPPORT": "Support", "ADMIN": "Administrator",
    "SUPER_ADMIN": "Super administrator",
}  # fmt: skip
LABELS = {"name": "Your name", "mailOnReply": "Mail", "present": "Present password",
          "password": "New password"}  # fmt: skip
USERNAME = frozenset({"username"})  # what password managers look for
CHUNK = 64 * 1024


def account(visit: Visit) -> Response:
    """Who I am here, and what I can change."""
    return _page(visit)


def _page(
    visit: Visit, form: Form | None = None, problem: errors.Problem | None = None
) -> Response:
    with reading() as db:
        person = _me(db, visit.actor)
        sign_ins = users.own_sign_ins(db, actor=visit.actor)
    on = "true" if person.reply_mails_stopped_at is None else ""
    return rendering.show(
        visit, "account/account.html", person=person, roles=ROLE_TITLES, sign_ins=sign_ins,
        form=form or Form({"name": person.name, "mailOnReply": on}), problem=problem,
        labels=LABELS,
    )  # fmt: skip


def _me(db: Session, actor: Actor) -> User:
    return users.get(db, actor.user_id or "", actor=actor)


def save(visit: Visit) -> Response:
    """Save name and mail."""

    def deed() -> Response:
        given = visit.form.read(users.Profile)
        with unit_of_work() as db:
            users.change_profile(db, given, actor=visit.actor)
        return rendering.redirect(visit, "/account", flash="saved")

    return forms.submitted(deed, lambda problem: _page(visit, visit.form, problem))


def password_page(visit: Visit) -> Response:
    """The form for another password."""
    return _password_form(visit)


def _password_form(visit: Visit, problem: errors.Problem | None = None) -> Response:
    with reading() as db:
        person = _me(db, visit.actor)
    return rendering.show(
        visit, "account/password.html", person=person, problem=problem, form=Form(), labels=LABELS
    )


def change_password(visit: Visit) -> Response:
    """Set the password; other sign-ins end."""

    def deed() -> Response:
        given = visit.form.read(users.NewPassword, apart=USERNAME)
        users.change_password(given, actor=visit.actor)
        return rendering.redirect(visit, "/account", flash="password_changed")

    return forms.submitted(deed, lambda problem: _password_form(visit, problem))


def end_sign_in(visit: Visit) -> Response:
    """End one of my sign-ins."""

    def deed() -> Response:
        with unit_of_work() as db:
            users.end_sign_in(db, visit.path("id"), actor=visit.actor)
            visit.form.read(Nothing)
        return rendering.redirect(visit, "/account", flash="sign_in_ended")

    return forms.submitted(deed, lambda problem: _page(visit, None, problem))


def sign_out_everywhere(visit: Visit) -> Response:
    """End all of my sign-ins, this one too."""

    def deed() -> Response:
        visit.form.read(Nothing)
        with unit_of_work() as db:
            users.sign_out_everywhere(db, actor=visit.actor)
        response = rendering.redirect(visit, "/help", flash="signed_out_everywhere")
        rendering.forget_session(response, visit.site)
        return response

    return forms.submitted(deed, lambda problem: _page(visit, None, problem))


def export_data(visit: Visit) -> Response:
    """A copy of my data: noted first, then written to a file of its own, then sent."""

    def deed() -> Response:
        visit.form.read(Nothing)
        with unit_of_work() as db:
            export.record_own(db, actor=visit.actor)
        return _download(visit.actor)

    return forms.submitted(deed, lambda problem: _page(visit, None, problem))


def _download(actor: Actor) -> Response:
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed when it is sent
    try:
        export.write_own(file, actor=actor)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    headers = {
        "Content-Disposition": 'attachment; filename="my-support-data.zip"',
        "Content-Length": str(size),
    }
    return StreamingResponse(_pieces(file), headers=headers, media_type="application/zip")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def delete_page(visit: Visit) -> Response:
    """The question before asking that my account is deleted."""
    return _delete_form(visit)


def _delete_form(visit: Visit, problem: errors.Problem | None = None) -> Response:
    with reading() as db:
        person = _me(db, visit.actor)
    return rendering.show(visit, "account/delete.html", person=person, problem=problem)


def ask_for_deletion(visit: Visit) -> Response:
    """Ask staff to delete my account."""

    def deed() -> Response:
        visit.form.read(Nothing)
        with unit_of_work() as db:
            number = tickets.ask_for_deletion(db, actor=visit.actor).ticket_number
        return rendering.redirect(visit, f"/support/{number}", flash="deletion_asked")

    return forms.submitted(deed, lambda problem: _delete_form(visit, problem))
