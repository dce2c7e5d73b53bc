"""The locks pin everything by version and hash, name no place, and stay above security floors."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
# Below these, published faults reach us: request smuggling into multipart and form parsers, paths
# poisoned by the Host header, unguarded dashboard routes, mutation XSS, crashing Markdown.
FLOORS = {
    "markdown": "3.8.1",
    "nh3": "0.3.8",
    "python-multipart": "0.0.32",
    "sqladmin": "0.25.1",
    "starlette": "1.6",
}
# bleach is no longer maintained.
UNWANTED = {"bleach"}


def entries(lock: str) -> list[str]:
    """The logical lines of a lock: one requirement with its hashes each."""
    text = (PROJECT / lock).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pins(lock: str) -> dict[str, str]:
    """Name and exact version of each requirement."""
    found: dict[str, str] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.split("--hash")[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", entry
        found[canonicalize_name(requirement.name)] = specifier.version
    return found


def project() -> dict[str, Any]:
    """The project's own description."""
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())


def declared(lock: str) -> list[Requirement]:
    """The requirements of pyproject.toml that the lock must meet."""
    table = project()
    groups = table["dependency-groups"]
    lines = [*table["project"]["dependencies"], *groups["build"]]
    lines += [
        line for extra in table["project"]["optional-dependencies"].values() for line in extra
    ]
    if lock == "requirements-dev.lock":
        lines += [line for line in groups["dev"] if isinstance(line, str)]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_requirement_has_hashes(lock: str) -> None:
    assert entries(lock)
    for entry in entries(lock):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_no_index_address_and_no_path(lock: str) -> None:
    text = (PROJECT / lock).read_text()
    assert not re.search(r"://|file:|index-url|find-links|trusted-host|\s@\s|(^|\s)-[efr]\s", text)
    assert not re.search(r"(^|\s)(/|\./|~/)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_meets_what_the_project_declares(lock: str) -> None:
    pinned = pins(lock)
    for requirement in declared(lock):
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement}: {version}"


def test_development_installs_the_same_versions_as_production() -> None:
    development = pins("requirements-dev.lock")
    assert {name: development.get(name) for name in pins("requirements.lock")} == pins(
        "requirements.lock"
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_security_floors(lock: str) -> None:
    pinned = pins(lock)
    for name, floor in FLOORS.items():
        assert Version(pinned[name]) >= Version(floor), name
    assert not UNWANTED & pinned.keys()


def test_declared_floors_are_at_least_the_security_floors() -> None:
    specifiers = {
        canonicalize_name(requirement.name): requirement.specifier
        for requirement in declared("requirements.lock")
    }
    for name, floor in FLOORS.items():
        (specifier,) = specifiers[canonicalize_name(name)]
        assert Version(specifier.version) >= Version(floor), name
