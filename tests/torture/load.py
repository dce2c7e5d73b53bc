"""People who send the ticket form over and over, and the history of what they were told."""

import secrets
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

SENT = "/support/TICKET-"


@dataclass
class History:
    """What was sent, by its title: the number that was told, or None when no answer came."""

    told: dict[str, str | None] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> dict[str, str]:
        """Titles with the number that their sender saw."""
        return {title: number for title, number in self.told.items() if number}


class Load:
    """Some people sending at once through one session, until the server is gone."""

    def __init__(self, history: History, port: int, cookie: str, *, name: str, people: int) -> None:
        self._history = history
        self._port = port
        self._cookie = cookie
        self._answers = threading.Semaphore(0)
        self._threads = [
            threading.Thread(target=self._send_until_cut, args=(f"{name}-{number}",), daemon=True)
            for number in range(people)
        ]
        for thread in self._threads:
            thread.start()

    def wait_for_answers(self, count: int) -> None:
        """Wait until so many tickets were acknowledged or refused."""
        for _ in range(count):
            assert self._answers.acquire(timeout=60), "the server does not answer any more"

    def end(self) -> None:
        """Wait for the last of them to notice that the server is gone."""
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _send_until_cut(self, name: str) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        number = 0
        while self._send(connection, f"{name}-{number}"):
            number += 1
        connection.close()

    def _send(self, connection: HTTPConnection, title: str) -> bool:
        self._history.told[title] = None
        try:
            connection.request("POST", "/support/new", self._form(title), self._headers())
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            return False
        place = answer.getheader("location", "")
        if answer.status == 303 and place.startswith(SENT):
            self._history.told[title] = place.removeprefix("/support/")
        else:
            self._history.refusals.append(f"{answer.status} {body[:2000].decode()}")
        self._answers.release()
        return True

    def _form(self, title: str) -> str:
        return urlencode(
            {
                "key": secrets.token_hex(16),
                "type": "bug",
                "category": "gateway",
                "severity": "high",
                "title": title,
                "description": f"Sent as {title}.",
            }
        )

    def _headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"session={self._cookie}",
            "Sec-Fetch-Site": "same-origin",
        }
