"""Programs in front of the site, each with a token of somebody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from httpx2 import Response

from models import db, users
from models.actor import Role, operator
from models.users import User
from public_site.api import reference
from tests.models import world
from tests.public_site.visitor import Town, Visitor

TICKET = {
    "type": "bug", "category": "gateway", "title": "The gateway is offline",
    "description": "It says: connection refused.", "severity": "high",
}  # fmt: skip


@dataclass
class Program:
    """Whatever holds one person's token; each answer is held against the reference."""

    visitor: Visitor
    actor: Any
    token: str

    @property
    def proof(self) -> dict[str, str]:
        """The header that says who asks."""
        return {"Authorization": f"Bearer {self.token}"}

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Response:
        """One request with JSON."""
        sent = {**self.proof, **(headers or {})}
        answer = self.visitor.client.request(method, path, json=body, headers=sent)
        _hold_against_reference(method, path.partition("?")[0], answer)
        return answer

    def upload(self, name: str, data: bytes, kind: str = "text/plain", **headers: str) -> Response:
        """Send a file."""
        sent = {**self.proof, **headers}
        return self.visitor.client.post(
            "/api/uploads", files={"file": (name, data, kind)}, headers=sent
        )

    def ticket(self, **changes: Any) -> dict[str, Any]:
        """A new ticket as it was answered."""
        answer = self.ask("POST", "/api/tickets", {**TICKET, **changes})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


def _hold_against_reference(method: str, path: str, answer: Response) -> None:
    """The status is documented, and an object has exactly the documented fields."""
    operation = _operation(method.lower(), path)
    if operation is None:
        return
    documented = operation["responses"][str(answer.status_code)]
    kind = answer.headers.get("content-type", "")
    if not answer.content:
        return
    shape = documented["content"][kind]["schema"]["$ref"].rpartition("/")[2]
    schema = reference()["components"]["schemas"][shape]
    assert set(json.loads(answer.text)) == set(schema["properties"]), shape


def _operation(method: str, path: str) -> Any:
    for known, methods in reference()["paths"].items():
        parts, wanted = path.split("/"), known.split("/")
        same = len(parts) == len(wanted) and all(
            one == two or two.startswith("{") for one, two in zip(parts, wanted, strict=True)
        )
        if same and method in methods:
            return methods[method]
    return None


def program(town: Town, role: Role = Role.MEMBER, **deed: Any) -> Program:
    """A program of somebody new."""
    actor = world.person(role)
    with db.unit_of_work() as session:
        owner = session.get_one(User, actor.user_id)
        _, secret = users.create_token(
            session, owner, users.NewToken(name="t", **deed), actor=operator()
        )
    return Program(town.visitor(), actor, secret)


@pytest.fixture
def member(town: Town) -> Program:
    """A customer's program."""
    return program(town)


@pytest.fixture
def agent(town: Town) -> Program:
    """An agent's program."""
    return program(town, Role.SUPPORT)


@pytest.fixture
def admin(town: Town) -> Program:
    """An administrator's program."""
    return program(town, Role.ADMIN)
