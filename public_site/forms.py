"""What a form or a query sent, and what happens when it cannot be accepted.

Values stay as they were typed until a schema of the domain reads them; a refused form comes back
filled in, with a sentence at each field that was wrong.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models import deeds
from models.errors import Invalid, NotAllowedNow, Stale, SupportError, TooMany, Unavailable
from public_site import errors, limits
from public_site.sent_files import SentFile, is_multipart, read_file

MAX_FIELDS = 60
MAX_PARTS = 20  # of files; how many a form takes, its page says
MAX_PART = 200_000
FORM_TYPE = "application/x-www-form-urlencoded"
REPEATED = "This was sent more than once."
UNSTORABLE = "This contains a character that cannot be stored."
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
S = TypeVar("S", bound=BaseModel)


def is_unstorable(text: str) -> bool:
    """Whether no database could keep this: NUL, or what was no UTF-8."""
    return _UNSTORABLE.search(text) is not None


def _page_number(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[0-9]{1,6}", value):
        raise ValueError("A page is a number, like 2.")
    return value


class Nothing(deeds.Deed):
    """A form of a button alone."""


PageNumber = Annotated[int, BeforeValidator(_page_number), Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Form:
    """Values by name as they came; an empty value counts as not given.

    Bytes that are no UTF-8 are kept as lone surrogates, which no field accepts.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    files: Mapping[str, Sequence[SentFile]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def shown(self, name: str) -> str:
        """The value as it may stand on a page again."""
        return self[name].replace("\0", "").encode(errors="replace").decode()

    def read(
        self,
        schema: type[S],
        *,
        apart: frozenset[str] = frozenset(),
        more: Mapping[str, object] | None = None,
        keep_empty: bool = False,
    ) -> S:
        """The typed values; ``apart`` names fields of the page itself. Raises Invalid.

        ``more`` are values that the page has read from those fields.

        Browsers send empty fields that nobody filled in, so those count as not given unless
        ``keep_empty``.
        """
        wrong = dict.fromkeys(sorted(self.repeated), REPEATED)
        wrong |= {name: UNSTORABLE for name, text in self.values.items() if is_unstorable(text)}
        if wrong:
            raise Invalid(wrong)
        known = {item.alias or name for name, item in schema.model_fields.items()}
        given: dict[str, object] = {
            name: text
            for name, text in self.values.items()
            if name not in apart and (text or keep_empty or name not in known)
        }
        return deeds.read(schema, {**given, **(more or {})}, by_name=False)

    def read_known(self, schema: type[S]) -> S:
        """Like ``read`` for a query: names that mean nothing here (a mailing's mark) are let be."""
        known = {item.alias or name for name, item in schema.model_fields.items()}
        values = {name: text for name, text in self.values.items() if name in known}
        return Form(values, self.repeated & known).read(schema)


def decoded(text: bytes) -> Form:
    """Take ``a=1&b=2`` apart. Raises HTTPException 400 when there are too many fields."""
    try:
        pairs = parse_qsl(
            text.decode("latin-1"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise HTTPException(400) from None
    names = [name for name, _ in pairs]
    repeated = frozenset(name for name in names if names.count(name) > 1)
    return Form(dict(reversed(pairs)), repeated)


async def received(request: Request, *, any_kind: bool = False, files: Sequence[str] = ()) -> Form:
    """The form in the body. Raises HTTPException 415 for another kind of body.

    With ``any_kind`` such a body says nothing: mail programs may send theirs as multipart.
    ``files`` names the fields of a form that may bring files.
    """
    if files and is_multipart(request):
        return await _with_files(request, files)
    body = await request.body()
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if body and kind != FORM_TYPE:
        if any_kind:
            return Form()
        raise HTTPException(415)
    return decoded(body)


async def _with_files(request: Request, wanted: Sequence[str]) -> Form:
    """A form in parts; a field for files in which none was chosen brings none."""
    parts = request.form(max_files=MAX_PARTS, max_fields=MAX_FIELDS, max_part_size=MAX_PART)
    values: dict[str, str] = {}
    repeated: set[str] = set()
    files: dict[str, list[SentFile]] = {name: [] for name in wanted}
    async with parts as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile) and name in files:
                if part.filename or part.size:
                    files[name].append(await read_file(part))
                continue
            repeated |= {name} & values.keys()
            values.setdefault(name, part if isinstance(part, str) else "a file")
    if sum(len(text) for text in values.values()) > limits.MAX_BODY:
        raise HTTPException(413)
    return Form(values, frozenset(repeated), files)


def submitted(
    deed: Callable[[], Response], again: Callable[[errors.Problem], Response]
) -> Response:
    """Do the deed; when it is refused for what was typed or for now, show the form again."""
    try:
        return deed()
    except (Invalid, NotAllowedNow, Stale, TooMany, Unavailable) as error:
        return _refused(error, again)


def _refused(error: SupportError, again: Callable[[errors.Problem], Response]) -> Response:
    problem = errors.problem_of(error)
    response = again(problem)
    response.status_code = problem.status
    response.headers.update(problem.headers)
    return response
