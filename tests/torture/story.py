"""A customer's program that opens a ticket and writes a message with three files."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

FILES = tuple(f"file {number}\n".encode() * 1000 for number in range(3))
TICKET = {
    "type": "bug", "category": "gateway", "severity": "high",
    "title": "It is off", "description": "Since noon.",
}  # fmt: skip


class Cut(Exception):
    """No answer came."""


@dataclass
class Story:
    """One customer's doing. Told again after a cut, with the same keys, it goes on where it was.

    ``told`` holds each answer that came, by step: the same step must be answered alike again.
    """

    token: str
    told: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def tell(self, port: int) -> None:
        """Do all of it. Raises Cut when the server goes away."""
        ticket = self._step(port, "ticket", "/api/tickets", TICKET)
        ids = [
            self._step(port, f"file {number}", "/api/uploads", content)["id"]
            for number, content in enumerate(FILES)
        ]
        words = {"content": "Here they are.", "attachmentIds": ids}
        self._step(port, "message", f"/api/tickets/{ticket['id']}/messages", words)

    def _step(self, port: int, step: str, path: str, body: dict[str, Any] | bytes) -> Any:
        key = self.keys.setdefault(step, secrets.token_hex(16))
        answer = _asked(port, path, body, {
            "Authorization": f"Bearer {self.token}", "Idempotency-Key": key,
        })  # fmt: skip
        assert self.told.setdefault(step, answer) == answer, f"{step} is answered otherwise now"
        return answer


def _asked(port: int, path: str, body: dict[str, Any] | bytes, headers: dict[str, str]) -> Any:
    if isinstance(body, bytes):
        sent, kind = _multipart(body), "multipart/form-data; boundary=b"
    else:
        sent, kind = json.dumps(body).encode(), "application/json"
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, sent, {**headers, "Content-Type": kind})
        answer = connection.getresponse()
        said = answer.read()
    except (OSError, HTTPException) as error:
        raise Cut from error
    finally:
        connection.close()
    assert answer.status in {200, 201}, said
    return json.loads(said)


def _multipart(content: bytes) -> bytes:
    head = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n"
    )
    return head + content + b"\r\n--b--\r\n"


def checksums() -> list[str]:
    """The SHA-256 of each file."""
    return [hashlib.sha256(content).hexdigest() for content in FILES]
