"""The running server against its own description: schemathesis tries every operation of the API.

As a customer and as an administrator; what is asked: no 5xx, and no status, type, header or shape
of an answer that the description does not name.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from models import db, seeding, users
from tests.models.world import OPERATOR
from tests.torture.server import Server

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,use_after_free"
)
PEOPLE = {"member": "member@example.com", "agent": "admin@example.com"}
EXAMPLES = 60


@pytest.mark.torture
@pytest.mark.parametrize("who", PEOPLE)
def test_every_answer_is_described(
    database: db.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    monkeypatch.setenv("SUPPORT_TICKETS_PER_HOUR", "0")
    monkeypatch.setenv("SUPPORT_WORKER", "off")
    seeding.seed_demo(actor=OPERATOR)
    with db.unit_of_work() as session:
        person = users.by_email(session, PEOPLE[who])
        assert person is not None
        deed = users.NewToken(name="schemathesis")
        _, token = users.create_token(session, person, deed, actor=OPERATOR)
    server = Server(tmp_path / "server.log")
    try:
        ran = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")), "run",
                f"http://127.0.0.1:{server.port}/api/openapi.json",
                "--header", f"Authorization: Bearer {token}",
                "--checks", CHECKS, "--max-examples", str(EXAMPLES), "--seed", "42", "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        server.kill()
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert " generated, " in ran.stdout
    sys.stdout.write(ran.stdout[-700:])
