"""Every row of the list of attacks and faults has a test, or a reason why it has none."""

import ast
import tomllib
from functools import lru_cache
from typing import Any

from tests.house import PROJECT, none_of

REGISTER: dict[str, Any] = tomllib.loads(
    (PROJECT / "tests/attacks/register.toml").read_text(encoding="utf-8")
)


def _ids() -> set[str]:
    listed = {
        f"{letter}-{number}"
        for letter, numbers in REGISTER["ids"].items()
        if letter != "others"
        for number in numbers
    }
    return listed | set(REGISTER["ids"]["others"])


@lru_cache
def _tests_in(file: str) -> frozenset[str]:
    path = PROJECT / file
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_row_has_an_entry() -> None:
    assert _ids() - REGISTER["rows"].keys() == set(), "rows without a test or a reason"
    assert REGISTER["rows"].keys() - _ids() == set(), "entries of no row"


def test_the_list_is_whole() -> None:
    """So that no row goes unnoticed: 299 rows by letter, and 26 without a letter."""
    assert len(_ids()) == 299 + 26


def test_every_test_that_is_named_exists() -> None:
    none_of(
        f"{row}: there is no {node}"
        for row, entry in REGISTER["rows"].items()
        if isinstance(entry, list)
        for node in entry
        if node.partition("::")[2] not in _tests_in(node.partition("::")[0])
    )


def test_an_entry_names_tests_or_one_reason() -> None:
    wrong = []
    for row, entry in REGISTER["rows"].items():
        is_list = isinstance(entry, list) and entry
        is_reason = isinstance(entry, dict) and len(entry) == 1 and all(entry.values())
        if not is_list and not is_reason:
            wrong.append(f"{row}: {entry}")
        elif is_reason and "waits" in entry and entry["waits"] not in REGISTER["features"]:
            wrong.append(f"{row} waits for {entry['waits']}, which is no feature")
    none_of(wrong)


def test_no_row_waits_for_what_is_built() -> None:
    built = {name for name, path in REGISTER["features"].items() if (PROJECT / path).exists()}
    none_of(
        f"{row} waits for {entry['waits']}, which is there now: name its test"
        for row, entry in REGISTER["rows"].items()
        if isinstance(entry, dict) and entry.get("waits") in built
    )
