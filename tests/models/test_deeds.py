"""What every input schema has in common, and how pages of lists count."""

import re
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from sqlalchemy import select

from models import db, deeds, paging
from models.deeds import Deed
from models.errors import Invalid
from models.kb import ArticleFilter
from models.text import OneLine
from models.throttle import ThrottleHit
from models.tickets import OwnFilter, QueueFilter
from public_site.api import body
from public_site.api.table import ENDPOINTS


class Sample(Deed):
    """A deed with a bit of everything."""

    first_name: Annotated[str, OneLine(5)]
    ref: str | None = None
    refs: list[str] = []  # noqa: RUF012  # pydantic copies it
    age: int = 0


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        deeds.read(Sample, given)
    return error.value.fields


def test_names_are_camel_case_outside() -> None:
    assert deeds.read(Sample, {"firstName": " Ann "}).first_name == "Ann"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, {"firstName": "Please fill this in."}),
        ({"firstName": "Ann", "x": 1}, {"x": "This field is not known here."}),
        ({"firstName": "Ann", "age": "many"}, {"age": "Please write a whole number."}),
        ({"firstName": " "}, {"firstName": "Please write something here."}),
        (
            {"firstName": "Barbara"},
            {"firstName": "Please use at most 5 characters; this has 7."},
        ),
    ],
)
def test_each_wrong_field_has_a_sentence(given: dict[str, Any], fields: dict[str, str]) -> None:
    assert refused(**given) == fields


def _schemas() -> list[type[BaseModel]]:
    """All that endpoints and forms read."""
    taken = [item.takes for item in ENDPOINTS] + [item.asks for item in ENDPOINTS]
    waiting: list[type[BaseModel]] = [*Deed.__subclasses__(), *filter(None, taken)]
    found: dict[type[BaseModel], None] = {}
    while waiting:
        schema = waiting.pop()
        if schema not in found and schema is not Sample:
            found[schema] = None
            waiting += schema.__subclasses__()
    return list(found)


ODD: list[Any] = [
    None, True, 7, -1, 10**30, 1.5, "", "x", "x" * 30_000, [], [7], ["x"] * 1_000, {}, {"x": 7},
]  # fmt: skip
LIBRARY = re.compile(r"(?i)input|valid |should|pydantic|JSON|instance of|unable to|cannot be read")


def test_no_field_answers_in_the_words_of_the_library() -> None:
    """Whatever a field is given, by a form or by a program."""
    schemas = _schemas()
    assert len(schemas) > 30
    for schema in schemas:
        for name, item in schema.model_fields.items():
            for value in ODD:
                given = {item.alias or name: value}
                for read in (deeds.read, body.typed):
                    try:
                        read(schema, given)
                    except Invalid as error:
                        for field, said in error.fields.items():
                            assert not LIBRARY.search(said), (schema, field, value, said)
                            assert said[0].isupper(), (schema, field, value, said)
                            assert said.endswith((".", "?")), (schema, field, value, said)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
@pytest.mark.parametrize("field", ["firstName", "ref", "refs"])
def test_what_no_database_can_keep_is_refused_in_every_field(field: str, text: str) -> None:
    value = [text] if field == "refs" else text
    assert refused(**{"firstName": "Ann", field: value}) == {
        field: "This contains a character that cannot be stored."
    }


def test_what_was_typed_is_not_repeated() -> None:
    assert "canary" not in str(refused(firstName="Ann", age="canary"))


@pytest.mark.parametrize("schema", [QueueFilter, OwnFilter, ArticleFilter])
@pytest.mark.parametrize(
    ("field", "value"),
    [("page", bad) for bad in ("-1", "0", "1e9", "NaN", "1_0", "١٢", " 7 ", "1.0", "+1", "1000000")]
    + [("pageSize", bad) for bad in ("-1", "0", "101", "1_0", "٣")],
)
def test_pages_are_plain_small_numbers(schema: type[Deed], field: str, value: str) -> None:
    with pytest.raises(Invalid) as error:
        deeds.read(schema, {field: value})
    assert list(error.value.fields) == [field]


def test_pages_that_are_good() -> None:
    filters = deeds.read(QueueFilter, {"page": "999999", "pageSize": "100"})
    assert (filters.page, filters.page_size) == (999_999, 100)


def test_counts_are_exact_up_to_the_cap(database: db.Database) -> None:
    with db.unit_of_work() as session:
        session.add_all([ThrottleHit(bucket=str(number)) for number in range(12)])
    rows = select(ThrottleHit.id)
    with db.reading() as session:
        for cap, expected in [(11, (11, True)), (12, (12, False)), (13, (12, False))]:
            assert paging.count_up_to(session, rows, cap) == expected
    assert paging.COUNT_CAP == 10_000


def test_the_last_page_and_the_one_after(database: db.Database) -> None:
    with db.unit_of_work() as session:
        session.add_all([ThrottleHit(bucket=str(number)) for number in range(5)])
    rows = select(ThrottleHit.bucket).order_by(ThrottleHit.bucket)
    with db.reading() as session:
        last = paging.of_rows(session, rows, page=3, page_size=2)
        after = paging.of_rows(session, rows, page=999_999, page_size=100)
    assert [row.bucket for row in last.items] == ["4"]
    assert (last.first, last.last, last.pages, last.total) == (5, 5, 3, 5)
    assert (list(after.items), after.first, after.last) == ([], 0, 0)
