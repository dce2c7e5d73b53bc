"""What operators can set, type, be allowed and open is documented, and nothing else is.

README.md: the tables under "Settings", "Command line" and "People and rights". The pages in
`docs/` are drawn from the program itself.
"""

import re
from pathlib import Path

import pytest

from cli.program import app as program
from models import settings
from models.actor import Role
from models.permissions import Permission
from tests.house import PROJECT, none_of
from tests.tools import reference

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def _section(heading: str) -> str:
    """What stands under a heading of the README, up to the next one of its level."""
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL
    )
    assert found, f'README.md has no heading "{heading}"'
    return found[1]


def _rows(text: str) -> list[list[str]]:
    """The rows of the tables in a text, without headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0].startswith("`")]


def _names(rows: list[list[str]]) -> list[str]:
    """The words in the first column."""
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]


def test_every_setting_is_documented() -> None:
    known = {f"SUPPORT_{name.upper()}" for name in settings.Settings.model_fields}
    assert set(_names(_rows(_section("Settings")))) == known


def test_no_text_names_a_setting_that_is_none() -> None:
    known = {f"SUPPORT_{name.upper()}" for name in settings.Settings.model_fields}
    texts = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
    named = {
        name for path in texts for name in re.findall(r"\bSUPPORT_[A-Z_]+\b", path.read_text())
    }
    named -= {name for name in named if name.startswith("SUPPORT_TEST_")}
    assert named - known == set()


def test_plain_defaults_are_those_of_the_program() -> None:
    for row in _rows(_section("Settings")):
        default = re.fullmatch(r"`([^`]+)`", row[1])
        for name in _names([row]) if default else []:
            field = settings.Settings.model_fields[name.removeprefix("SUPPORT_").lower()]
            value = int(field.default) if isinstance(field.default, bool) else field.default
            assert default is not None
            assert default[1].removeprefix("./") == str(value), name


def test_every_command_is_documented() -> None:
    known = {path for path, _ in reference.commands(program)}
    assert set(_names(_rows(_section("Command line")))) == known


def test_options_that_the_readme_names_exist() -> None:
    known = {
        name
        for _, command in reference.commands(program)
        for option in reference.options(command)
        for name in option.opts
    }
    named = set(re.findall(r"`(--[a-z-]+)`", _section("Command line")))
    assert named - known - {"--help"} == set()


def test_every_option_has_a_help_text() -> None:
    none_of(
        f"{path} {option.opts[0]}"
        for path, command in reference.commands(program)
        for option in reference.options(command)
        if not option.help
    )


def test_every_permission_and_role_is_documented() -> None:
    section = _section("People and rights")
    assert set(_names(_rows(section))) == {permission.value for permission in Permission}
    assert [role.value for role in Role if role.value not in section] == []


def test_every_exit_code_is_documented() -> None:
    said = re.search(r"Exit codes: (.*)", _section("Command line"))
    assert said
    assert re.findall(r"\d+", said[1]) == ["0", "1", "2", "3", "4", "5", "130"]


@pytest.mark.parametrize("name", ["commands.md", "routes.md"])
def test_the_reference_is_what_the_program_would_draw(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORT_DATA_DIR", str(tmp_path))
    settings.current.cache_clear()
    drawn = {path.name: text for path, text in reference.pages().items()}
    settings.current.cache_clear()
    written = PROJECT / "docs" / name
    assert written.is_file(), f"type: {reference.RENEW}"
    assert written.read_text(encoding="utf-8") == drawn[name], f"type: {reference.RENEW}"


def test_every_page_and_picture_that_is_linked_exists() -> None:
    none_of(
        f"{path.relative_to(PROJECT)}: {target}"
        for path in (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    )
