"""The base of all input schemas: one pydantic schema a deed, shared by form, API and CLI."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import core_schema

from models.errors import Invalid
from models.text import UNSTORABLE, is_storable


class Deed(BaseModel):
    """Typed values of one deed. Outside names are camelCase; unknown names are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,  # a command that reads none need not wait for all of them
    )

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_stored(cls, value: Any) -> Any:
        """Refuse what no database could keep or look for, in references and choices too."""
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not is_storable(text):
                raise ValueError(UNSTORABLE)
        return value


D = TypeVar("D", bound=BaseModel)
_PLAIN_NUMBER = re.compile("[0-9]{1,6}")


def _plain_number(value: object) -> object:
    """Refuse what Python would read as a number and nobody types: 1_0, +7, other digits."""
    if isinstance(value, str) and not _PLAIN_NUMBER.fullmatch(value):
        raise ValueError("Please give a plain number, like 2.")
    return value


PageNumber = Annotated[int, Field(ge=1, le=999_999), BeforeValidator(_plain_number)]
PageSize = Annotated[int, Field(ge=1, le=100), BeforeValidator(_plain_number)]


def read(schema: type[D], data: Mapping[str, Any], *, by_name: bool = True) -> D:
    """Check values against a schema. Raises Invalid with one sentence for each wrong field.

    ``by_name`` lets in our own spelling of the names; from outside only theirs counts.
    """
    try:
        return schema.model_validate(dict(data), by_alias=True, by_name=by_name)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> Invalid:
    """Translate pydantic's report into sentences for the person who typed."""
    fields: dict[str, str] = {}
    for item in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in item["loc"]) or "body"
        fields.setdefault(name, _sentence(item))
    return Invalid(fields)


_WHOLE_NUMBER = "Please write a whole number."
_TRUE_OR_FALSE = "Please give true or false."
_LIST = "Please give a list."
_OBJECT = "Please give an object with named fields."
_DAY = "Please give a day, like 2026-03-31."
_MOMENT = "Please give a day and a time, like 2026-03-31T14:30:00Z."
# What pydantic finds wrong, by its name for it; sentences of our own have names of their own.
_SENTENCES = {
    "missing": "Please fill this in.",
    "extra_forbidden": "This field is not known here.",
    "string_type": "Please give text.",
    "string_unicode": UNSTORABLE,
    "string_too_long": "Please use at most {max_length} characters.",
    "too_long": "Please give at most {max_length} entries.",
    "too_short": "Please give at least {min_length} of them.",
    "enum": "Please choose one of: {expected}.",
    "literal_error": "Please choose one of: {expected}.",
    "value_error": "{error}",
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "greater_than_equal": "Please use {ge} or more.",
    "less_than_equal": "Please use {le} or less.",
    "bool_type": _TRUE_OR_FALSE,
    "bool_parsing": _TRUE_OR_FALSE,
    "list_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _MOMENT,
}
_OTHERWISE = "This cannot be read. Please see what the field takes."
_OF_PYDANTIC = frozenset(get_args(core_schema.ErrorType))


def _sentence(item: Any) -> str:
    kind = item["type"]
    if kind not in _OF_PYDANTIC:
        return str(item["msg"]).rstrip(".") + "."
    return _SENTENCES.get(kind, _OTHERWISE).format(**item.get("ctx", {})).replace("'", "")
