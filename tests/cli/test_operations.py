"""``migrate``, ``seed``, ``worker`` and ``doctor``: what keeps a copy running."""

import json
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from models import db, notifications
from models.actor import Role
from models.kb import Article
from models.notifications import MailStatus, OutboxMail
from models.users import User
from tests.cli.terminal import PROGRAM, Ran, program, run
from tests.models.world import person, stored, ticket

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MIGRATED = "The database is on the newest schema.\n"


def test_migrate_makes_a_private_database_and_check_tells(tmp_path: Path) -> None:
    place: dict[str, Any] = {"SUPPORT_DATA_DIR": str(tmp_path / "var")}
    behind = program("migrate", "--check", **place)
    assert (behind.code, behind.out) == (1, "")
    assert "Type: supportctl migrate" in behind.err
    assert program("migrate", **place) == Ran(0, "", MIGRATED)
    assert program("migrate", **place) == Ran(0, "", MIGRATED)
    assert program("migrate", "--check", **place) == Ran(0, "", MIGRATED)
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0
    assert (tmp_path / "var" / "support.sqlite3").stat().st_mode & 0o077 == 0


def test_two_migrations_at_once_both_succeed(tmp_path: Path) -> None:
    place: dict[str, Any] = {"SUPPORT_DATA_DIR": str(tmp_path / "var")}
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(program, "migrate", **place) for _ in range(2)]
    assert [ran.result().code for ran in both] == [0, 0]


@SQLITE
def test_seed_says_what_it_added(database: db.Database) -> None:
    first, again = run("seed"), run("seed")
    assert (first.code, first.out) == (0, "")
    assert first.err.startswith("Added 10 categories, ")
    assert again.err == "Everything is there already.\n"


@SQLITE
def test_seed_as_somebody_makes_them_the_author(database: db.Database) -> None:
    admin = person(Role.ADMIN, email="admin@example.com")
    person(Role.SUPPORT, email="sam@example.com")
    assert run("seed", "--as", "sam@example.com").code == 4
    assert run("seed", "--demo", "--as", "admin@example.com").code == 4
    assert not stored(Article)
    assert run("seed", "--as", "admin@example.com").code == 0
    assert {article.author_id for article in stored(Article)} == {admin.user_id}


@SQLITE
def test_seed_with_the_demo(database: db.Database) -> None:
    ran = run("seed", "--demo")
    assert (ran.code, ran.out) == (0, "")
    assert "26 people" in ran.err
    assert "tickets" in ran.err
    assert stored(User, email="super@example.com")


def test_worker_once_delivers_what_is_due(house: db.Database, tmp_path: Path) -> None:
    ticket(person(email="maya@example.com"))
    first, again = program("worker", "--once"), program("worker", "--once")
    assert first == Ran(0, "", "1 sent, 0 to be tried again, 0 given up.\n")
    assert again == Ran(0, "", "0 sent, 0 to be tried again, 0 given up.\n")
    assert len(list((tmp_path / "data" / "mail").glob("*.eml"))) == 1
    assert [mail.status for mail in stored(OutboxMail)] == [MailStatus.SENT]


@SQLITE
def test_worker_once_fails_when_the_mail_server_is_away(house: db.Database) -> None:
    ticket(person(email="maya@example.com"))
    ran = program("worker", "--once", SUPPORT_SMTP_URL="smtp://127.0.0.1:1")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("0 sent, 1 to be tried again, 0 given up.\n")


@SQLITE
def test_worker_refuses_a_wrong_mail_address(house: db.Database) -> None:
    ticket(person(email="maya@example.com"))
    for options in ((), ("--once",)):
        ran = program("worker", *options, SUPPORT_SMTP_URL="smtp://secret-user@")
        assert ran.code == 1
        assert ran.err.startswith("Error: SUPPORT_SMTP_URL: must be like ")
        assert "secret-user" not in ran.err


@SQLITE
def test_worker_runs_until_it_is_stopped(house: db.Database, tmp_path: Path) -> None:
    ticket(person(email="maya@example.com"))
    mail = tmp_path / "data" / "mail"
    with subprocess.Popen(
        [PROGRAM, "worker"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith(f"Mail goes to files in {mail}.")
        while process.poll() is None and not list(mail.glob("*.eml")):
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def checks(ran: Ran) -> dict[str, tuple[bool, str]]:
    assert set(ran.json) == {"ok", "checks"}
    assert all(set(check) == {"name", "ok", "detail"} for check in ran.json["checks"])
    return {check["name"]: (check["ok"], check["detail"]) for check in ran.json["checks"]}


def test_doctor_finds_everything_well(database: db.Database) -> None:
    ran = run("doctor", "--json")
    assert ran.code == 0
    assert ran.json["ok"] is True
    found = checks(ran)
    assert {"database", "schema", "storage", "mail", "outbox", "assistant"} <= set(found)
    assert found["assistant"][1].startswith("local")
    assert "FAILED" not in run("doctor").out


@SQLITE
def test_doctor_names_the_source_of_each_setting(database: db.Database, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / ".env").write_text("SUPPORT_PRODUCT_NAME=Botanica\nSUPPORT_LOGO=ignored\n")
    ran = program("doctor", "--json", folder=folder, SUPPORT_LOGO="logo.png")
    found = checks(ran)
    assert found["SUPPORT_PRODUCT_NAME"] == (True, "Botanica (.env)")
    assert found["SUPPORT_LOGO"] == (True, "logo.png (environment)")
    assert found["SUPPORT_MAIL_FROM"][1].endswith("(default)")
    assert found["SUPPORT_SMTP_URL"] == (True, "not set (default)")


@SQLITE
def test_doctor_shows_no_secret(database: db.Database) -> None:
    secrets: dict[str, Any] = {
        "SUPPORT_SECRET_KEY": "canary-1" * 5,
        "SUPPORT_SMTP_URL": "smtp://canary-2:canary-3@127.0.0.1:1",
        "SUPPORT_AI_API_KEY": "canary-4",
        "SUPPORT_AI_MODEL": "gpt",
        "SUPPORT_DATABASE_URL": "postgresql+psycopg://bob:canary-5@127.0.0.1:1/x",
    }
    for options in ((), ("--json",)):
        ran = run("doctor", *options, **secrets)
        assert ran.code == 1
        assert "canary" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("environment", "name", "detail"),
    [
        ({"SUPPORT_SMTP_URL": "smtp://127.0.0.1:1"}, "mail", "127.0.0.1:1: "),
        ({"SUPPORT_SMTP_URL": "http://x"}, "mail", "SUPPORT_SMTP_URL: must be like"),
        ({"SUPPORT_AI_API_KEY": "k"}, "assistant", "SUPPORT_AI_MODEL is not set"),
        ({"SUPPORT_BASE_URL": "x"}, "settings", "SUPPORT_BASE_URL: must be like"),
    ],
)
@SQLITE
def test_doctor_finds_what_is_wrong(
    database: db.Database, environment: dict[str, str], name: str, detail: str
) -> None:
    ran = run("doctor", "--json", **environment)
    assert (ran.code, ran.json["ok"]) == (1, False)
    assert checks(ran)[name][0] is False
    assert checks(ran)[name][1].startswith(detail)


@pytest.mark.parametrize("url", ["sqlite:////dev/null/x.db", "postgresql+psycopg://127.0.0.1:1/x"])
@SQLITE
def test_doctor_finds_a_database_that_does_not_answer(database: db.Database, url: str) -> None:
    ran = program("doctor", "--json", SUPPORT_DATABASE_URL=url)
    assert ran.code == 1
    assert not checks(ran)["database"][0]
    assert not checks(ran)["schema"][0]


@SQLITE
def test_doctor_finds_an_open_data_folder(database: db.Database, tmp_path: Path) -> None:
    (tmp_path / "data").chmod(0o755)
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert checks(ran)["storage"] == (
        False,
        f"{tmp_path / 'data'} is open to other users. Type: chmod 700 {tmp_path / 'data'}",
    )


def test_doctor_finds_a_database_that_is_behind(tmp_path: Path) -> None:
    data = tmp_path / "var"
    ran = program("doctor", "--json", SUPPORT_DATA_DIR=str(data))
    found = checks(ran)
    assert ran.code == 1
    assert found["schema"] == (
        False, "The database is not on the newest schema. Type: supportctl migrate",
    )  # fmt: skip


def test_doctor_finds_mails_that_were_given_up(house: db.Database) -> None:
    ticket(person(email="maya@example.com"))
    with db.unit_of_work() as session:
        mail = session.get_one(OutboxMail, stored(OutboxMail)[0].id)
        mail.status = MailStatus.DEAD.value
        mail.last_error = "550 no such user"
        assert notifications.health(session).dead == 1
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert checks(ran)["outbox"] == (
        False,
        "1 mails were given up (550 no such user). Send them again under Mail in the dashboard.",
    )
    assert json.loads(ran.out)["ok"] is False
