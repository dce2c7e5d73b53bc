"""Files: what is taken, what it becomes, who fetches it, and what is left when it is not wanted."""

import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from models import base, settings, tickets
from models.adapters import storage
from models.db import reading
from models.tickets import Attachment
from tests.models.world import stored, together
from tests.public_site.api.conftest import TICKET, Program, program
from tests.public_site.visitor import Town


def picture(kind: str = "PNG", size: tuple[int, int] = (30, 20), **more: object) -> bytes:
    """A red picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **more)
    return out.getvalue()


def kept_files() -> list[Path]:
    """Everything in the storage, unfinished files too."""
    return [path for path in (settings.current().data_dir / "files").rglob("*") if path.is_file()]


def test_a_file_goes_with_a_ticket(member: Program, agent: Program) -> None:
    ids = [member.upload(f"{n}.log", b"line").json()["id"] for n in range(2)]
    shot = member.upload("shot.png", picture(), "image/png").json()["id"]
    made = member.ticket(attachmentIds=ids, screenshotId=shot)
    assert [item["name"] for item in made["attachments"]] == ["0.log", "1.log"]
    assert made["screenshotUrl"].endswith(shot)
    for who in (member, agent):
        got = who.visitor.client.get(made["attachments"][0]["url"], headers=who.proof)
        assert (got.status_code, got.content) == (200, b"line")
    again = member.ask("POST", "/api/tickets", {**TICKET, "attachmentIds": ids})
    assert again.json()["errors"][0]["field"] == "attachmentIds"  # used once, for ever


def test_files_of_notes_are_for_agents(town: Town, member: Program, agent: Program) -> None:
    """F-18: foreign, of a note, unknown: the same answer."""
    made = member.ticket()
    note = agent.upload("n.txt", b"ours").json()["id"]
    answer = agent.upload("a.txt", b"yours").json()["id"]
    path = f"/api/support/tickets/{made['id']}"
    agent.ask("POST", f"{path}/internal", {"content": "x", "attachmentIds": [note]})
    agent.ask("POST", f"{path}/messages", {"content": "x", "attachmentIds": [answer]})
    shown = member.ask("GET", f"/api/tickets/{made['id']}").json()
    assert [file["id"] for item in shown["messages"] for file in item["attachments"]] == [answer]
    stranger = program(town)
    for who, file, status in (
        (member, answer, 200), (member, note, 404), (agent, note, 200), (stranger, answer, 404),
        (stranger, note, 404), (stranger, "nothing", 404),
    ):  # fmt: skip
        headers = who.proof
        got = who.visitor.client.get(f"/api/attachments/{file}", headers=headers)
        assert got.status_code == status, (who.actor.name, file)
    assert town.visitor().client.get(f"/api/attachments/{answer}").status_code == 401


def test_somebody_elses_upload_cannot_be_used(town: Town, member: Program) -> None:
    """F-20."""
    foreign = program(town).upload("a.txt", b"x").json()["id"]
    answer = member.ask("POST", "/api/tickets", {**TICKET, "attachmentIds": [foreign]})
    assert answer.status_code == 422
    text = member.upload("a.txt", b"x").json()["id"]
    answer = member.ask("POST", "/api/tickets", {**TICKET, "screenshotId": text})
    assert answer.json()["errors"][0]["field"] == "screenshotId"  # F-21: no picture


def test_one_file_for_two_tickets_at_once(member: Program) -> None:
    file = member.upload("a.txt", b"x").json()["id"]
    body = {**TICKET, "attachmentIds": [file]}
    got = together(4, lambda _: member.ask("POST", "/api/tickets", body).status_code)
    assert sorted(map(str, got)) == ["201", "422", "422", "422"]


KINDS: list[tuple[str, bytes, str]] = [
    ("a.html", b"<html><script>x</script>", "application/octet-stream"),
    ("a.svg", b'<svg onload="x">', "application/octet-stream"),
    ("a.xml", b'<?xml version="1.0"?><a/>', "application/octet-stream"),
    ("a.txt", b"hello <script>x</script>", "application/octet-stream"),
    ("a.txt", "\ufeff<html>".encode("utf-16"), "application/octet-stream"),
    ("a.js", b"alert(1)", "text/plain"),
    ("shell.php", b"<?php system('x');", "application/octet-stream"),
    ("a.exe", b"MZ\x90\0", "application/octet-stream"),
    ("a.pdf", b"%PDF-1.7 x", "application/pdf"),
    ("a.zip", b"PK\x03\x04x", "application/zip"),
    ("a.log", "größer".encode(), "text/plain"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_ever_shown_as_a_page(member: Program) -> None:
    """F-2, F-4, F-5, F-22, F-17: bytes decide the type; all but our own pictures are saved."""
    for name, data, kind in KINDS:
        kept = member.upload(name, data, "application/octet-stream").json()
        assert kept["contentType"] == kind, name
        got = member.visitor.client.get(f"/api/attachments/{kept['id']}", headers=member.proof)
        assert got.content == data
        assert got.headers["content-disposition"].startswith("attachment; ")
        assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["cache-control"] == "no-store"
    assert all(path.suffix == "" and path.stat().st_mode & 0o777 == 0o600 for path in kept_files())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_pictures_are_drawn_anew(member: Program) -> None:
    """F-3, F-11, F-12."""
    exif = Image.Exif()
    exif[0x9286] = "zqsecretplace"
    data = picture("JPEG", exif=exif) + b"PK\x03\x04 zqtrailing"
    kept = member.upload("a.jpg", data, "image/jpeg").json()
    with reading() as db:
        copy = tickets.content_of(db.get_one(Attachment, kept["id"]))
    assert copy[:3] == b"\xff\xd8\xff"
    assert b"zqsecretplace" not in copy
    assert b"zqtrailing" not in copy
    assert member.upload("a.png", b"<html>", "image/png").status_code == 415
    assert member.upload("a.png", picture("JPEG"), "image/png").status_code == 415
    assert member.upload("a.jpg", data[:60], "image/jpeg").status_code == 422
    bomb = picture(size=(1, 1)).replace(b"\0\0\0\x01\0\0\0\x01", b"\0\0\x2e\xe0\0\0\x2e\xe0", 1)
    assert member.upload("a.png", bomb, "image/png").status_code == 422
    assert len(kept_files()) == 1


NAMES = {
    "../../etc/passwd": "passwd", "..\\..\\x.txt": "x.txt", "C:\\a.txt": "a.txt",
    ".htaccess": "htaccess",
    "\u200b.htaccess": "htaccess", "a.php\u200b": "a.php", "a.php. ": "a.php",
    "a.php::$DATA": "a.php__$DATA", "": "file", "....//": "file", "con.txt": "file-con.txt",
    "x" * 300 + ".log": "x" * 196 + ".log",
    "\u202egpj.exe": "gpj.exe", "größe 😀.txt": "größe 😀.txt",
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_names_are_only_names(member: Program) -> None:
    """F-6, F-8, U."""
    from models.tickets import filenames

    assert {name: filenames.cleaned(name) for name in NAMES} == NAMES
    kept = member.upload('a";\\.txt', b"x").json()
    got = member.visitor.client.get(f"/api/attachments/{kept['id']}", headers=member.proof)
    assert "\n" not in got.headers["content-disposition"]


_PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n'
MULTIPART: list[tuple[str, bytes, int]] = [
    ("multipart/form-data", b"x", 400),
    ("multipart/form-data; boundary=b", b"", 422),
    ("multipart/form-data; boundary=b", b"nothing of that kind", 400),
    ("multipart/form-data; boundary=b",
     b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", 400),
    ("multipart/form-data; boundary=b",
     b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n', 422),
    ("multipart/form-data; boundary=b",
     _PART.replace(b"file\"", b"other\"", 1) + b"--b--\r\n", 422),
    ("multipart/form-data; boundary=b",
     _PART * 2 + b"--b--\r\n", 422),
    ("application/json", b"{}", 415), ("text/plain", b"x", 415),
]  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bodies_that_hold_no_file(member: Program) -> None:
    """F-9, F-14, F-15."""
    for kind, body, status in MULTIPART:
        headers = {**member.proof, "Content-Type": kind}
        got = member.visitor.client.post("/api/uploads", content=body, headers=headers)
        assert got.status_code == status, (kind, body)
    assert member.upload("e", b"").status_code == 422
    assert member.upload("b", b"x" * 10_000_001).status_code == 422
    refused = member.upload("b", b"x" * 10_100_000)
    assert refused.status_code == 413
    assert refused.json()["detail"] == "Please send files of at most 10 MB."
    chunks = (b"x" * 1_000_000 for _ in range(11))
    headers = {**member.proof, "Content-Type": "multipart/form-data; boundary=b"}
    endless = member.visitor.client.post("/api/uploads", content=chunks, headers=headers)
    assert (endless.status_code, endless.json()["detail"]) == (413, refused.json()["detail"])
    many = _PART * 1_000
    headers = {
        "Authorization": f"Bearer {member.token}",
        "Content-Type": "multipart/form-data; boundary=b",
    }
    got = member.visitor.client.post("/api/uploads", content=many + b"--b--\r\n", headers=headers)
    assert got.status_code == 400
    assert kept_files() == []


def test_twenty_files_wait_at_the_most(member: Program) -> None:
    """F-10."""
    got = together(25, lambda n: member.upload(f"{n}", b"x").status_code)
    assert sorted(map(str, got)) == ["201"] * 20 + ["429"] * 5
    assert len(stored(Attachment)) == len(kept_files()) == 20


def test_what_nobody_attached_goes(member: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-20, F-24, B-39."""
    used, _left = (member.upload(name, b"x").json()["id"] for name in "ab")
    member.ticket(attachmentIds=[used])
    stray = storage.put(b"without a row")
    part = kept_files()[0].with_name(".part-" + "0" * 32)
    part.write_bytes(b"half")
    old = time.time() - 90_000
    for path in kept_files():
        os.utime(path, (old, old))
    later = base.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(base, "clock", lambda: later)
    assert sum(tickets.sweep()) == 3
    assert [row.id for row in stored(Attachment)] == [used]
    assert [path.name for path in kept_files()] == [stored(Attachment)[0].storage_name]
    assert stray not in {name for name, _ in storage.names()}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_storage_that_fails_is_no_end(member: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-9, B-11: 503 for that file, and tickets go on."""
    kept = member.upload("a.txt", b"x").json()["id"]

    def full(_data: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "put", full)
    refused = member.upload("b.txt", b"x")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert len(stored(Attachment)) == 1
    member.ticket(attachmentIds=[kept])
    for path in kept_files():
        path.unlink()
    got = member.visitor.client.get(f"/api/attachments/{kept}", headers=member.proof)
    assert got.status_code == 503
    assert member.ask("GET", "/api/tickets").status_code == 200
