"""Reading the code of the house: its modules, what each imports, how long things are."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGES = ("models", "public_site", "backoffice", "cli", "migrations", "tests")
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One name taken from a module, or the module itself (then `name` is empty)."""

    module: str
    name: str
    line: int


@dataclass(frozen=True)
class Module:
    """One file of Python."""

    path: Path

    @property
    def place(self) -> str:
        """The path from the project's folder."""
        return self.path.relative_to(PROJECT).as_posix()

    @property
    def name(self) -> str:
        """The dotted name; a package has the name of its folder."""
        return self.place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        """The top-level package."""
        return self.name.partition(".")[0]

    @cached_property
    def text(self) -> str:
        """The source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, str(self.path))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Everything that is imported anywhere in the file, also late and for types only."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[Import]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, "", node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.place}:{node.lineno} imports relatively"
                for alias in node.names:
                    yield Import(node.module or "", alias.name, node.lineno)

    @cached_property
    def functions(self) -> tuple[FunctionNode, ...]:
        """All functions and methods."""
        nodes = ast.walk(self.tree)
        return tuple(n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))

    def calls(self) -> Iterator[tuple[str, int, ast.Call]]:
        """Each call with the last name of what is called, and its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                match node.func:
                    case ast.Name(id=name) | ast.Attribute(attr=name):
                        yield name, node.lineno, node


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Every module of the project."""
    files = (file for name in PACKAGES for file in sorted((PROJECT / name).rglob("*.py")))
    return tuple(Module(file) for file in files)


def of(*packages: str) -> list[Module]:
    """The modules of these top-level packages."""
    return [module for module in modules() if module.package in packages]


def length(node: FunctionNode) -> int:
    """How many lines a function has, with its decorators."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return (node.end_lineno or node.lineno) - first + 1


def none_of(wrong: Iterable[str], limit: int = 60) -> None:
    """Fail with what is wrong, one line each, if anything is."""
    lines = list(wrong)
    if lines:
        more = [f"... and {len(lines) - limit} more"] if len(lines) > limit else []
        pytest.fail("\n".join([*lines[:limit], *more]), pytrace=False)
