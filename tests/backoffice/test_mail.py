"""Mails that did not get out: seen by agents, sent again or deleted by administrators."""

from models.db import unit_of_work
from models.notifications import OutboxMail
from tests.backoffice.world import World


def _given_up(world: World) -> str:
    world.ticket()
    with unit_of_work() as db:
        mail = db.query(OutboxMail).one()
        mail.status, mail.attempts, mail.last_error = "dead", 30, "550 <b>no such mailbox</b>"
        mail.text = "a private link"
        return mail.id


def _mail(mail_id: str) -> OutboxMail | None:
    with unit_of_work() as db:
        return db.get(OutboxMail, mail_id)


def test_agents_see_why_a_mail_did_not_get_out(world: World) -> None:
    _given_up(world)
    browser = world.browser("support")
    page = browser.get("/mail").text
    assert "550 &lt;b&gt;no such mailbox&lt;/b&gt;" in page
    assert "a private link" not in page
    assert "Send again" not in page
    assert "1 mail was given up" in browser.get("/").text
    assert "Every mail got out" in browser.get("/mail?status=waiting").text
    assert browser.get("/mail?status=lost").status_code == 400


def test_agents_cannot_send_or_delete_it(world: World) -> None:
    mail_id = _given_up(world)
    for deed in ("again", "drop"):
        assert world.browser("support").post(f"/mail/{mail_id}/{deed}").status_code == 403
    kept = _mail(mail_id)
    assert kept is not None
    assert kept.status == "dead"


def test_an_administrator_sends_it_again(world: World) -> None:
    mail_id = _given_up(world)
    browser = world.browser("admin")
    assert "Send again" in browser.get("/mail").text
    assert browser.post(f"/mail/{mail_id}/again").status_code == 303
    sent = _mail(mail_id)
    assert sent is not None
    assert (sent.status, sent.attempts) == ("waiting", 0)
    assert browser.post(f"/mail/{mail_id}/again").status_code == 409
    assert "given up" not in browser.get("/").text


def test_an_administrator_deletes_it(world: World) -> None:
    mail_id = _given_up(world)
    browser = world.browser("admin")
    assert browser.post(f"/mail/{mail_id}/drop").status_code == 303
    assert _mail(mail_id) is None
    assert browser.post(f"/mail/{mail_id}/drop").status_code == 404
