"""JSON as programs send it, read strictly: what could be meant in two ways is refused.

Python's own reader takes NaN, numbers without end, lone surrogates, UTF-16 and the last of several
equal keys; none of that gets past here.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from models import deeds
from models.errors import Invalid
from public_site.forms import UNSTORABLE, is_unstorable

JSON_TYPE = "application/json"
MAX_DIGITS = 400
S = TypeVar("S", bound=BaseModel)


class _Repeated(ValueError):
    """An object has a key twice."""


async def received(request: Request, *, may_be_empty: bool) -> dict[str, Any]:
    """The object in the body. Raises HTTPException 400, 413, 415, Invalid for a repeated key."""
    body = await request.body()
    if not body and may_be_empty:
        return {}
    if not _is_json(request):
        raise HTTPException(415)
    return parsed(body)


def _is_json(request: Request) -> bool:
    kinds = request.headers.getlist("content-type")
    if len(kinds) != 1:
        return False
    kind, *parameters = (part.strip().lower() for part in kinds[0].split(";"))
    charsets = ("charset=utf-8", 'charset="utf-8"')
    return kind == JSON_TYPE and all(parameter in charsets for parameter in parameters)


def parsed(body: bytes) -> dict[str, Any]:
    """One JSON object. Raises HTTPException 400, Invalid for a key that comes twice."""
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_int=_integer,
            parse_float=_number,
        )
    except _Repeated as error:
        raise Invalid({str(error): "This was sent more than once."}) from None
    except (ValueError, RecursionError):
        raise HTTPException(400) from None
    if not isinstance(found, dict):
        raise HTTPException(400)
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        raise _Repeated(_printable(name))
    return made


def _printable(name: str) -> str:
    return name.encode(errors="replace").decode()[:100]


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number without end")
    return int(digits)


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number beyond all numbers")
    return number


def typed(schema: type[S], sent: dict[str, Any]) -> S:
    """The object as a deed, without any coercion of types. Raises Invalid.

    What a schema takes as anything (captured context) goes past the reader as it is.
    """
    anything = {
        item.alias or name for name, item in schema.model_fields.items() if _takes_all(item)
    }
    checked = {name: value for name, value in sent.items() if name not in anything}
    if wrong := {_printable(path): UNSTORABLE for path in _unstorable(checked)}:
        raise Invalid(wrong)
    try:
        text = json.dumps(checked, ensure_ascii=False)
        deed = schema.model_validate_json(text, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise deeds.invalid(error) from None
    except RecursionError:
        raise HTTPException(400) from None
    apart = {
        name: sent[item.alias or name]
        for name, item in schema.model_fields.items()
        if _takes_all(item) and (item.alias or name) in sent
    }
    return deed.model_copy(update=apart) if apart else deed


def _takes_all(field: Any) -> bool:
    return field.annotation is Any


def _unstorable(sent: dict[str, Any]) -> Iterator[str]:
    """The paths of all text and names that no database could keep."""
    waiting: list[tuple[str, Any]] = list(sent.items())
    yield from (name for name in sent if is_unstorable(name))
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and is_unstorable(value):
            yield path
        elif isinstance(value, list):
            waiting += [(f"{path}.{at}", item) for at, item in enumerate(value)]
        elif isinstance(value, dict):
            yield from (f"{path}.{name}" for name in value if is_unstorable(name))
            waiting += [(f"{path}.{name}", item) for name, item in value.items()]
