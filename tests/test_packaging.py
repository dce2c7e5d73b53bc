"""What gets installed is complete: the wheel has every file, and every import is declared."""

import ast
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1]
OWN = {"backoffice", "cli", "migrations", "models", "public_site"}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The project's own description."""
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from this tree with the locked build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    (file,) = folder.glob("*.whl")
    return zipfile.ZipFile(file)


def package_files() -> set[str]:
    """Every file of the packages, as a path from the project's top."""
    return {
        path.relative_to(PROJECT).as_posix()
        for package in OWN
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def imported_modules() -> set[str]:
    """The top-level names of all modules that the packages import."""
    found: set[str] = set()
    for name in package_files():
        if name.endswith(".py"):
            for node in ast.walk(ast.parse((PROJECT / name).read_text())):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return found


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == package_files()


def test_the_wheel_holds_the_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    names = {
        name.split(".dist-info/")[1]: name for name in wheel.namelist() if ".dist-info/" in name
    }
    assert "licenses/LICENSE" in names
    assert "supportctl = cli:main" in wheel.read(names["entry_points.txt"]).decode()


def test_the_packages_named_are_those_that_exist(project: dict[str, Any]) -> None:
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == OWN
    for package in OWN:
        assert (PROJECT / package).is_dir(), package


def test_every_import_is_a_declared_requirement(project: dict[str, Any]) -> None:
    table = project["project"]
    extras = [line for extra in table["optional-dependencies"].values() for line in extra]
    declared = {
        canonicalize_name(Requirement(line).name) for line in [*table["dependencies"], *extras]
    }
    owners = packages_distributions()
    undeclared = {
        module
        for module in imported_modules() - OWN - sys.stdlib_module_names
        if not declared & {canonicalize_name(name) for name in owners.get(module, [])}
    }
    assert not undeclared
