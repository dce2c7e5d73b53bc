"""Refusals of the domain in the words and numbers of the web, once for all pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.errors import (
    Invalid,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    NotSignedIn,
    Stale,
    SupportError,
    Taken,
    TooMany,
    Unavailable,
    WrongType,
)
from public_site import limits

RETRY_SECONDS = 5
TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: the status, a heading, a sentence, and sentences at fields."""

    status: int
    title: str
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


_KINDS: list[tuple[type[SupportError], int, str]] = [  # the first that fits
    (NotSignedIn, 401, "Please sign in"),
    (NotPermitted, 403, "You may not do this"),
    (NotFound, 404, "We could not find that"),
    (WrongType, 415, "This file is something else"),
    (Invalid, 422, "Something needs correcting"),
    (Taken, 409, "Something needs correcting"),
    (NotAllowedNow, 409, "This is not possible now"),
    (Stale, 409, "Somebody was quicker"),
    (TooMany, 429, "Please wait a little"),
    (Unavailable, 503, "Back in a moment"),
]
_BY_STATUS = {
    400: ("We could not read that", "The request was not complete or not well formed."),
    403: (
        "This did not come from here",
        "It was sent by another page or program. Please go back to the form, reload it, send it.",
    ),
    404: ("We could not find that", "The page does not exist, or it has moved."),
    405: ("That does not work here", "This address does not take that kind of request."),
    412: ("Somebody was quicker", "This changed since you read it. Read it again, then write."),
    415: (
        "We could not read that",
        "Forms are taken as browsers send them, and the API takes application/json.",
    ),
    431: ("That is too much", "Your browser keeps too many cookies of this site."),
    500: ("Something broke", "The mistake is ours and has been noted. Please try again later."),
}


def problem_of(error: SupportError) -> Problem:
    """The translation of a refusal."""
    status, title = next((item[1], item[2]) for item in _KINDS if isinstance(error, item[0]))
    return Problem(status, title, str(error), _fields(error), _headers(error))


def _fields(error: SupportError) -> Mapping[str, str]:
    match error:
        case Invalid():
            return error.fields
        case Taken():
            return {error.field: str(error)}
        case _:
            return {}


def _headers(error: SupportError) -> Mapping[str, str]:
    match error:
        case TooMany():
            return {"Retry-After": str(error.retry_after)}
        case Unavailable():
            return {"Retry-After": str(RETRY_SECONDS)}
        case _:
            return {}


def problem_with_status(
    status: int, headers: Mapping[str, str] | None = None, *, path: str
) -> Problem:
    """The words for a status that comes from no refusal of the domain, at this address."""
    if status == TOO_LARGE:
        return Problem(status, "That is too much", limits.said(path), headers=headers or {})
    title, text = _BY_STATUS.get(status, _BY_STATUS[400 if status < 500 else 500])  # noqa: PLR2004
    return Problem(status, title, text, headers=headers or {})
