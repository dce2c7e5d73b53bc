"""One request of a program: who acts, what was asked and sent, and the way to an answer."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models import idempotency, permissions, users
from models.actor import Actor, Door, anonymous
from models.db import reading, unit_of_work
from models.errors import (
    Invalid,
    NotFound,
    NotPermitted,
    NotSignedIn,
    Stale,
    SupportError,
    Unavailable,
)
from models.permissions import Permission
from public_site import door, rendering
from public_site.api import body, multipart, problems
from public_site.door import Access, in_thread
from public_site.forms import Form, Nothing, decoded, is_unstorable
from public_site.origin_check import has_bearer
from public_site.sent_files import SentFile

NO_CONTENT = 204
S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: JSON, and the headers that belong to it."""

    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method at one address: what it does, who may enter, what it takes and gives.

    ``access`` is a kind of visitor, or permissions of which one is enough.
    """

    method: str
    path: str
    do: Callable[["Call"], Answer | Response]
    access: Access | tuple[Permission, ...]
    does: str
    gives: type[BaseModel] | None = None
    takes: type[BaseModel] | None = None
    asks: type[BaseModel] = Nothing
    status: int = 200
    creates: bool = False
    has_version: bool = False
    may_be_empty: bool = False
    takes_file: bool = False

    @property
    def access_name(self) -> str:
        """Who may enter, in words."""
        if isinstance(self.access, Access):
            return self.access.value
        return " or ".join(permission.value for permission in self.access)


@dataclass
class Call:
    """One request to an endpoint."""

    endpoint: Endpoint
    request: Request
    actor: Actor
    query: Form
    sent: Any = None

    def path(self, name: str) -> str:
        """A part of the address. Raises NotFound for one that nothing could be called."""
        part = str(self.request.path_params[name])
        if is_unstorable(part):
            raise NotFound
        return part

    def asked(self, schema: type[S]) -> S:
        """The typed query. Raises Invalid."""
        return self.query.read(schema, keep_empty=True)

    def deed(self, schema: type[S]) -> S:
        """The typed body. Raises Invalid."""
        return body.typed(schema, self.sent or {})

    def file(self) -> SentFile:
        """The file in the body. Raises Invalid when there is none."""
        if not isinstance(self.sent, SentFile):
            raise Invalid({"file": "Please send a file in the field file."})
        return self.sent

    @property
    def if_match(self) -> str | None:
        """The version that a write was meant for, as it was sent."""
        return self.request.headers.get("if-match")

    def require_match(self, tag: str) -> None:
        """Raise Stale unless the write was meant for this version, or for any."""
        wanted = self.if_match
        if wanted is None or wanted.strip() == "*":
            return
        if tag not in [item.strip() for item in wanted.split(",")]:
            raise Stale

    def once(self, db: Session, do: Callable[[], Answer]) -> Answer:
        """Do it, or give the answer that the same ``Idempotency-Key`` got before."""
        key = self.request.headers.get("idempotency-key")
        if key is None:
            return do()
        said = f"{self.endpoint.method} {self.request.url.path}\n{self._fingerprint()}"
        kept = idempotency.stored_answer(db, key, said, actor=self.actor)
        if kept is not None:
            return Answer(str(kept["body"]), kept["headers"])
        answer = do()
        keep = {"body": answer.body, "headers": dict(answer.headers)}
        idempotency.store_answer(db, key, said, keep, actor=self.actor)
        return answer

    def _fingerprint(self) -> str:
        if isinstance(self.sent, SentFile):
            return self.sent.fingerprint
        return json.dumps(self.sent, sort_keys=True)


def answer(
    shape: BaseModel, *, version: int | None = None, tag: str = "", location: str = ""
) -> Answer:
    """An answer with its version and its place."""
    headers = {"Location": location} if location else {}
    if version is not None:
        headers["ETag"] = tag_of(version)
    elif tag:
        headers["ETag"] = tag
    return Answer(shape.model_dump_json(by_alias=True), headers)


def tag_of(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


async def serve(endpoint: Endpoint, request: Request) -> Response:
    """Serve one request to an endpoint."""
    call = Call(endpoint, request, anonymous(Door.API), Form())
    try:
        await in_thread(_admit, call)
        if endpoint.takes_file:
            call.sent = await multipart.received_file(request)
        elif endpoint.method != "GET":
            call.sent = await body.received(request, may_be_empty=endpoint.may_be_empty)
        return await in_thread(_done, call)
    except SupportError as error:
        return await in_thread(_refusal, call, error)
    except HTTPException as error:
        return problems.of_status(request, error.status_code, error.headers)


def _admit(call: Call) -> None:
    """Find out who acts, and whether they may enter at all. Raises NotSignedIn, NotPermitted."""
    call.actor = anonymous(Door.API, address=door.client_address(call.request))
    call.actor = who_calls(call.request)
    access = call.endpoint.access
    if access is not Access.PUBLIC:
        permissions.require_sign_in(call.actor)
    if isinstance(access, tuple) and not permissions.of(call.actor).intersection(access):
        raise NotPermitted
    call.query = decoded(call.request.scope["query_string"])


def who_calls(request: Request) -> Actor:
    """Who holds the token, else the session cookie. Raises NotSignedIn for a dead token."""
    if not has_bearer(request.scope):
        return door.who_acts(request, door=Door.API)
    secret = request.headers["authorization"][7:].strip()
    with reading() as db:
        actor = users.actor_of_token(db, secret, address=door.client_address(request))
        is_due = actor is not None and users.token_use_due(db, secret)
    if actor is None:
        raise NotSignedIn("This token opens nothing. It may be revoked, or past its time.")
    if is_due:
        with suppress(Unavailable), unit_of_work() as db:  # noted at the next use then
            users.note_token_use(db, secret)
    return actor


def _done(call: Call) -> Response:
    if call.endpoint.asks is Nothing:
        call.asked(Nothing)
    done = call.endpoint.do(call)
    if isinstance(done, Response):
        return done
    if call.endpoint.status == NO_CONTENT:
        return Response(status_code=NO_CONTENT)
    tag = done.headers.get("ETag")
    if call.endpoint.method == "GET" and tag and rendering.is_known(call.request.headers, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(
        done.body, call.endpoint.status, dict(done.headers), media_type="application/json"
    )


def _refusal(call: Call, error: SupportError) -> Response:
    if isinstance(error, NotPermitted) and not isinstance(error, NotSignedIn):
        door.note_refusal(call.request, str(error), actor=call.actor)
    if isinstance(error, Stale) and call.if_match is not None:
        return problems.of_status(call.request, 412)
    return problems.of_error(call.request, error)
