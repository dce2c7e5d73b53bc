"""What comes in as text: bodies of forms, query strings; and fields that show it again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request

from models import deeds
from models.errors import Invalid, NotFound
from models.text import is_storable

MAX_FIELDS = 500
FORM_TYPE = "application/x-www-form-urlencoded"
D = TypeVar("D", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Field:
    """One control of a form; ``name`` is the name of the deed's field.

    ``kind`` is ``text``, ``textarea``, ``number``, ``select``, ``checkbox`` or ``tags``.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    hint: str = ""
    max_length: int | None = None
    rows: int = 4
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Fields with what was typed and what is wrong with it."""

    fields: Sequence[Field]
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """What stands in a field, as it can be shown."""
        value = self.values.get(name)
        if value is None or value is False:
            return ""
        if isinstance(value, (list, tuple)):
            return ", ".join(value)
        return showable(str(value))

    def error(self, name: str) -> str:
        """What is wrong with a field, or nothing; list entries count for their list."""
        hits = (text for key, text in self.errors.items() if key.split(".")[0] == name)
        return next(hits, "")

    @property
    def other_errors(self) -> list[str]:
        """What is wrong without belonging to a field."""
        known = {item.name for item in self.fields}
        return [
            showable(f"{key}: {text}" if key else text)
            for key, text in self.errors.items()
            if key.split(".")[0] not in known
        ]


def showable(text: str) -> str:
    """Text without what an answer in UTF-8 cannot carry."""
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form as they came, repeated ones too."""

    pairs: Sequence[tuple[str, str]]

    def once(self, *, apart: Sequence[str] = ()) -> dict[str, str]:
        """All fields but those of the page itself. Raises Invalid when one comes twice."""
        return once(pair for pair in self.pairs if pair[0] not in apart)

    def only(self, *names: str) -> None:
        """Raise Invalid when anything else came along; for buttons, which send nothing."""
        unknown = {name for name, _ in self.pairs} - set(names)
        if unknown:
            raise Invalid({showable(name): "This field is not known here." for name in unknown})

    def chosen(self) -> list[str]:
        """The rows that a deed on several hits. Raises NotFound for what can be no key."""
        return require_keys(value for key, value in self.pairs if key == "pks")

    def first(self) -> dict[str, str]:
        """The fields to be shown again, the first of repeated ones."""
        return dict(reversed(self.pairs))


async def posted(request: Request) -> Posted:
    """The form in the body. Bytes that are no UTF-8 arrive as surrogates, which no field accepts.

    Raises HTTPException 415 for anything but a plain form, 400 for too many fields.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM_TYPE:
        raise HTTPException(415, "Please send this form as it is.")
    return Posted(_pairs((await request.body()).decode(errors="surrogateescape")))


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            text, keep_blank_values=True, errors="surrogateescape", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise HTTPException(400, "This has too many fields.") from None


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Pairs as a mapping. Raises Invalid when a name comes twice."""
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise Invalid({showable(name): "This was given twice."})
        values[name] = value
    return values


def typed(fields: Sequence[Field], values: Mapping[str, str]) -> dict[str, Any]:
    """Values ready for a deed's schema: empty ones left out, boxes as truth, tags as a list."""
    result: dict[str, Any] = {name: value for name, value in values.items() if value != ""}
    for item in fields:
        if item.kind == "checkbox":
            result[item.name] = item.name in values
        elif item.kind == "tags" and item.name in result:
            result[item.name] = split_tags(result[item.name])
    return result


def refuse_unknown(fields: Sequence[Field], values: Mapping[str, str]) -> None:
    """Raise Invalid for what the form does not ask, where the deed's schema would know more."""
    known = {item.name for item in fields}
    if unknown := [name for name in values if name not in known]:
        raise Invalid({showable(name): "This field is not known here." for name in unknown})


def split_tags(text: str) -> list[str]:
    """Tags as typed, with commas between them."""
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def read_query(schema: type[D], request: Request) -> D:
    """The query of a list. Raises HTTPException 400 that names what is wrong with it.

    Empty values mean "any", as a form with unused filters sends them; ``done`` belongs to the page.
    """
    pairs = _pairs(request.url.query)
    try:
        return deeds.read(schema, once(pair for pair in pairs if pair[1] and pair[0] != "done"))
    except Invalid as error:
        raise wrong_filter(error) from None


def wrong_filter(error: Invalid) -> HTTPException:
    """The answer to an address with a filter that is not right."""
    said = " ".join(f"{name}: {text}" for name, text in error.fields.items())
    return HTTPException(400, showable(f"This address has a wrong filter. {said}"))


def known_query(schema: type[BaseModel], text: str) -> dict[str, str]:
    """A query that came along with a form, if it is a right one for the list; else nothing."""
    try:
        values = once((key, value) for key, value in _pairs(text) if value and key != "done")
        deeds.read(schema, values)
    except (Invalid, HTTPException):
        return {}
    return values


def chosen(request: Request) -> list[str]:
    """The rows that were ticked in a list: ``pks``, given several times or with commas.

    Raises NotFound for what can be no key.
    """
    given = [text for key, text in _pairs(request.url.query) if key == "pks"]
    return require_keys(part for text in given for part in text.split(",") if part)


def require_keys(keys: Iterable[str]) -> list[str]:
    """Keys that a database can look for. Raises NotFound for others."""
    given = list(keys)
    if not all(map(is_storable, given)):
        raise NotFound
    return given
