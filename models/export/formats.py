"""The formats of exports, and what keeps each from being taken for something else.

CSV: RFC 4180 in UTF-8, every cell quoted, formulas neutralised by ``text.csv_cell``. JSON: one
document; JSONL: one a line. XLSX: text is always text, never a formula, a number or a link.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from models.errors import NotAllowedNow, Unavailable
from models.export.table import Table
from models.text import csv_cell

FORMATS = ("csv", "json", "jsonl", "xlsx")
MAX_SHEET_ROWS = 1_048_576  # of XLSX, the headings included
MAX_SHEET_CELL = 32_767
CUT = " … (cut here; csv and json have all)"
BATCH = 200
COPIED_BYTES = 1 << 20
# What JSON leaves as it is, and could steer a terminal or reorder a line.
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# A row of CSV cells with nothing to show or to neutralise: that depends on how a cell begins.
_BETWEEN = "\x1f"
_PLAIN_CELL = "(?:[0-9A-Za-z{][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*|-[0-9]+)?"
_PLAIN_ROW = re.compile(f"{_PLAIN_CELL}(?:{_BETWEEN}{_PLAIN_CELL})*")


def write(table: Table, kind: str, file: BinaryIO) -> None:
    """Write a table in one of ``FORMATS``. Raises Unavailable without the package for XLSX."""
    if kind == "xlsx":
        _write_xlsx(table, file)
        return
    file.writelines(chunks(table, kind))


def chunks(table: Table, kind: str) -> Iterator[bytes]:
    """A table as csv, json or jsonl, piece by piece as the rows are read."""
    makers: dict[str, Callable[[Table], Iterator[str]]] = {
        "csv": _csv,
        "json": _json,
        "jsonl": _jsonl,
    }
    pieces = makers[kind](table)
    while batch := "".join(islice(pieces, BATCH)):
        yield batch.encode()


def _csv(table: Table) -> Iterator[str]:
    yield _csv_line(table.headings)
    yield from map(_csv_line, table.lines())


def _csv_line(values: Sequence[Any]) -> str:
    row = _BETWEEN.join([value if type(value) is str else _shown(value) for value in values])
    if row.count(_BETWEEN) == len(values) - 1 and _PLAIN_ROW.fullmatch(row):
        cells = row.replace('"', '""').replace(_BETWEEN, '","')  # the same, quicker; most are so
    else:
        cells = '","'.join([_cell(value) for value in values])
    return f'"{cells}"\r\n'


def _shown(value: Any) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    return instant(value) if isinstance(value, datetime) else _text(value)


def _cell(value: Any) -> str:
    """What stands between the quotes of a cell."""
    return csv_cell(_shown(value)).replace('"', '""')


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(map(_text, value))
        case dict():
            return json_text(value)
        case _:
            return _without_controls(str(value))


def _without_controls(text: str) -> str:
    return _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _json(table: Table) -> Iterator[str]:
    before = "[\n"
    for document in table.documents():
        yield before + json_text(document)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _jsonl(table: Table) -> Iterator[str]:
    for document in table.documents():
        yield f"{json_text(document)}\n"


def json_text(value: Any, *, indent: int | None = None) -> str:
    """A value as JSON; times are RFC 3339, and no character could steer a terminal."""
    text = _encoded(value) if indent is None else _encoder(indent).encode(value)
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def instant(value: datetime) -> str:
    """A time as RFC 3339 in UTC."""
    return value.astimezone(UTC).isoformat()[: -len("+00:00")] + "Z"


def _encoder(indent: int | None = None) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, indent=indent, default=instant)


_encoded = _encoder().encode  # to make an encoder for each value takes longer than its work


def _write_xlsx(table: Table, file: BinaryIO) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        _make_workbook(table, path, folder)
        with path.open("rb") as made:
            while piece := made.read(COPIED_BYTES):
                file.write(piece)


def _make_workbook(table: Table, path: Path, folder: str) -> None:
    try:
        import xlsxwriter
    except ImportError:
        raise Unavailable(
            "xlsx needs one more package. Type: pip install 'supportdesk[xlsx]'"
        ) from None
    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "remove_timezone": True,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
    }
    with xlsxwriter.Workbook(path, options) as workbook:
        sheet = workbook.add_worksheet(table.noun)
        sheet.freeze_panes(1, 0)
        _fill_sheet(sheet, [table.headings], workbook.add_format({"bold": True}), 0)
        _fill_sheet(sheet, table.lines(), None, 1)


def _fill_sheet(sheet: Any, lines: Iterable[Sequence[Any]], style: Any, first: int) -> None:
    for row, line in enumerate(lines, first):
        if row >= MAX_SHEET_ROWS:
            raise NotAllowedNow(
                f"xlsx holds {MAX_SHEET_ROWS:,} rows at most. Choose csv, or narrow the export."
            )
        for column, value in enumerate(line):
            _fill_cell(sheet, row, column, value, style)


def _fill_cell(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    match value:
        case None | "":
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case datetime():
            sheet.write_datetime(row, column, value.astimezone(UTC))
        case _:
            sheet.write_string(row, column, _fitting(_text(value)), style)


def _fitting(text: str) -> str:
    return text if len(text) <= MAX_SHEET_CELL else text[: MAX_SHEET_CELL - len(CUT)] + CUT
