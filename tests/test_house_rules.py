"""The laws of the house, executed: who imports whom, where writes happen, how long things are."""

import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests import house
from tests.house import PROJECT, Import, Module, none_of

DOORS = ("public_site", "backoffice", "cli")
# From the bottom up; a room uses lower ones only.
ROOMS = (
    "users", "notifications", "accounts", "kb", "tickets", "overview", "export", "seeding",
    "consistency",
)  # fmt: skip
# Which door may use what of another one (HOUSE, section 1).
BETWEEN_DOORS = {
    ("public_site.app", "backoffice"): "mounts the back office",
    ("backoffice", "public_site.door"): "who acts, in a thread",
}
USERS_OF_ADAPTERS = {
    "mail": {"models.notifications"},
    "storage": {"models.kb", "models.tickets", "models.consistency"},
}
# Only adapters reach the outside world.
OUTSIDE = frozenset(
    {"smtplib", "imaplib", "socket", "ssl", "http", "httpx2", "requests", "openai", "aiohttp"}
)
MAY_REACH_OUT = {"cli.serve": "binds the socket that the server listens on"}
KNOWS_NO_DOOR = frozenset({"starlette", "sqladmin", "typer", "uvicorn", "rich", "wtforms"})
# What of SQLAlchemy a door may name: types for signatures, and how an address is written.
SQLALCHEMY_IN_DOORS = frozenset({"Session", "sessionmaker", "make_url", "SQLAlchemyError"})
LISTS = frozenset({"models.schema", "models.housekeeping"})
MAX_FILE, MAX_FUNCTION, MAX_MEDIAN = 400, 60, 8
LONG_FUNCTIONS = {
    "cli/export.py tickets": "each option of the command is a parameter with its help",
}


def _code(*packages: str) -> list[Module]:
    return house.of(*(packages or ("models", *DOORS)))


def _room(name: str) -> str:
    """The room of a module below `models`, or an empty word for a house-wide file."""
    parts = name.split(".")
    is_room = len(parts) > 1 and parts[0] == "models" and (PROJECT / "models" / parts[1]).is_dir()
    return parts[1] if is_room else ""


def _targets(module: Module) -> Iterator[tuple[str, str, Import]]:
    """What is imported from our own packages: full module name, name taken from it."""
    for taken in module.imports:
        if taken.module.partition(".")[0] not in house.PACKAGES:
            continue
        inner = f"{taken.module}.{taken.name}" if taken.name else taken.module
        is_module = any(
            (PROJECT / inner.replace(".", "/")).with_suffix(s).exists() for s in (".py",)
        )
        is_package = (PROJECT / inner.replace(".", "/") / "__init__.py").exists()
        is_face_name = taken.name in _face(taken.module)
        if taken.name and (is_module or is_package) and not is_face_name:
            yield inner, "", taken
        else:
            yield taken.module, taken.name, taken


def _face(name: str) -> list[str]:
    if _room(name) and name.count(".") == 1:
        return list(getattr(import_module(name), "__all__", []))
    return []


def _said(module: Module, taken: Import) -> str:
    return f"{module.place}:{taken.line} imports {taken.module} {taken.name}".rstrip()


def test_every_room_is_known() -> None:
    folders = {path.parent.name for path in (PROJECT / "models").glob("*/__init__.py")}
    assert folders == {*ROOMS, "adapters"}, "say in ROOMS between which rooms it stands"


def test_a_room_has_a_face_that_names_everything_in_it() -> None:
    for room in ROOMS:
        face = import_module(f"models.{room}")
        assert list(face.__all__) == sorted(face.__all__, key=_sort_key), room
        assert all(hasattr(face, name) for name in face.__all__), room


def _sort_key(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_doors_use_rooms_by_their_faces_only() -> None:
    wrong = []
    for module in _code(*DOORS):
        for name, taken_name, taken in _targets(module):
            room = _room(name)
            if name.startswith("models.") and room and name.count(".") > 1:
                wrong.append(_said(module, taken))
            elif room and taken_name and taken_name not in _face(name):
                wrong.append(f"{_said(module, taken)}, which the face does not show")
            elif name.startswith("models.adapters"):
                wrong.append(_said(module, taken))
    none_of(wrong)


def test_doors_do_not_import_each_other() -> None:
    wrong = []
    for module in _code(*DOORS):
        for name, taken_name, taken in _targets(module):
            door = name.partition(".")[0]
            whole = f"{name}.{taken_name}" if taken_name else name
            allowed = any(
                (module.name == who or module.name.startswith(f"{who}."))
                and (whole == what or whole.startswith(f"{what}."))
                for who, what in BETWEEN_DOORS
            )
            if door in DOORS and door != module.package and not allowed:
                wrong.append(_said(module, taken))
    none_of(wrong)


def test_models_know_no_door_and_nothing_of_one() -> None:
    wrong = []
    for module in _code("models"):
        for taken in module.imports:
            top = taken.module.partition(".")[0]
            if top in (*DOORS, *KNOWS_NO_DOOR):
                wrong.append(_said(module, taken))
    none_of(wrong)


def test_rooms_use_lower_rooms_only_and_by_their_faces() -> None:
    wrong = []
    for module in _code("models"):
        own = _room(module.name)
        for name, _, taken in _targets(module):
            room = _room(name)
            if not own or not room or "adapters" in (own, room) or own == room:
                continue
            if ROOMS.index(room) > ROOMS.index(own):
                wrong.append(f"{_said(module, taken)}, a higher room")
            # Tables and schemas build on those of lower rooms without waking their actions.
            inner = name.split(".")[2:]
            if inner and inner != module.name.split(".")[2:]:
                wrong.append(f"{_said(module, taken)}, past the face of {room}")
    none_of(wrong)


def test_house_wide_files_know_no_room() -> None:
    """All but `schema`, the list of all tables, and `housekeeping`, that of all sweeps."""
    wrong = []
    for module in _code("models"):
        if _room(module.name) or module.name in LISTS:
            continue
        wrong += [_said(module, t) for name, _, t in _targets(module) if _room(name)]
    none_of(wrong)


def test_tables_know_only_the_base_and_lower_tables() -> None:
    wrong = []
    for module in _code("models"):
        if not module.name.endswith(".tables"):
            continue
        for name, _, taken in _targets(module):
            if name not in ("models.base", "models.actor") and not name.endswith(".tables"):
                wrong.append(_said(module, taken))
    none_of(wrong)


def test_only_adapters_reach_the_outside_world() -> None:
    wrong = []
    for module in _code():
        if module.name.startswith("models.adapters.") or module.name in MAY_REACH_OUT:
            continue
        for taken in module.imports:
            top = taken.module.partition(".")[0]
            if top in OUTSIDE or taken.module == "urllib.request":
                wrong.append(_said(module, taken))
    none_of(wrong)


def test_adapters_are_used_only_by_the_rooms_that_need_them() -> None:
    found: dict[str, set[str]] = {}
    for module in _code():
        for name, _, _taken in _targets(module):
            if name.startswith("models.adapters."):
                user = ".".join(module.name.split(".")[:2])
                found.setdefault(name.split(".")[2], set()).add(user)
    assert found == USERS_OF_ADAPTERS


def test_only_the_database_file_opens_and_ends_transactions() -> None:
    ends = {"commit", "rollback", "create_engine", "begin_nested"}
    wrong = [
        f"{module.place}:{line} {name}("
        for module in _code()
        for name, line, _ in module.calls()
        if name in ends and module.name != "models.db"
    ]
    none_of(wrong)


def test_doors_ask_no_questions_to_the_database_themselves() -> None:
    wrong = []
    for module in _code(*DOORS):
        wrong += [
            _said(module, taken)
            for taken in module.imports
            if taken.module.startswith("sqlalchemy") and taken.name not in SQLALCHEMY_IN_DOORS
        ]
        queries = {"select", "scalar", "scalars", "execute", "add_all", "merge", "flush", "refresh"}
        wrong += [
            f"{module.place}:{line} {name}("
            for name, line, call in module.calls()
            if name in queries and (_receiver(call) in ("db", "session") or name == "select")
        ]
    none_of(wrong)


def _receiver(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(value=ast.Name(id=name)):
            return name
        case _:
            return ""


def test_whoever_acts_is_always_said() -> None:
    """In rooms `actor` stands behind the star, has no default, and no request comes along."""
    wrong = []
    for module in _code("models"):
        if not _room(module.name):
            continue
        for function in module.functions:
            arguments = function.args
            names = [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
            if "request" in names:
                wrong.append(f"{module.place} {function.name} takes a request")
            defaults = dict(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
            for argument, default in defaults.items():
                if argument.arg == "actor" and default is not None:
                    wrong.append(f"{module.place} {function.name} has an optional actor")
            is_shown = function.name in _face(f"models.{_room(module.name)}")
            if is_shown and "db" in names and "actor" in [a.arg for a in arguments.args]:
                wrong.append(f"{module.place} {function.name} takes actor by position")
    none_of(wrong)


@pytest.mark.parametrize("module", house.modules(), ids=lambda module: module.place)
def test_a_module_says_what_belongs_in_it(module: Module) -> None:
    is_tests = module.package == "tests"
    if is_tests and module.path.name == "__init__.py":
        return
    assert module.text.strip(), "an empty file"
    assert ast.get_docstring(module.tree), "no docstring"


def test_files_and_functions_are_short() -> None:
    wrong = []
    for module in house.modules():
        if module.place.startswith("migrations/versions/"):
            continue
        lines = module.text.count("\n")
        if lines >= MAX_FILE:
            wrong.append(f"{module.place}: {lines} lines")
        for function in module.functions:
            place = f"{module.place} {function.name}"
            if house.length(function) > MAX_FUNCTION and place not in LONG_FUNCTIONS:
                wrong.append(f"{place}: {house.length(function)} lines")
    none_of(wrong)


def test_the_usual_function_is_very_short() -> None:
    lengths = [house.length(f) for module in _code() for f in module.functions]
    assert statistics.median(lengths) <= MAX_MEDIAN


# --- what could run or show what somebody typed (L-14) --------------------------------------------

# Place and text of each, and why it is safe there. A new one is looked at before it gets in.
REVIEWED = {
    ("models/kb/rendering.py", "subprocess"): "our own worker, fixed arguments, no shell",
    ("models/notifications/wording.py", "Markup("): "plain_to_html escapes everything itself",
    ("models/seeding/library.py", "yaml.load"): "reads our own files with the safe loaders",
    ("models/fulltext.py", 'text(f"'): "the table's name is our constant; values are bound",
    ("migrations/versions/0003_better_search.py", 'text(f"'): "names of our tables; value bound",
    ("backoffice/templating.py", "Markup("): "literal with placeholders that escape; plain_to_html",
    ("public_site/templating.py", "Markup("): "literal with placeholders that escape",
    ("public_site/templates/help/article.html", "article.html | safe"): "nh3 at save",
    ("public_site/templates/help/list.html", "article.snippet | safe"): "escaped by snippet_html",
    ("public_site/templates/tickets/thread.html", "html | safe"): "made by plain_to_html",
    ("public_site/templates/tickets/thread.html", "as_html(resolution) | safe"): "plain_to_html",
}
DANGEROUS = {
    "Markup(": re.compile(r"\bMarkup\("),
    'text(f"': re.compile(r"\btext\(\s*f[\"']"),
    "pickle": re.compile(r"\b(c?[Pp]ickle|marshal|shelve|dill)\b"),
    "eval": re.compile(r"(?<![\w.])(eval|exec|compile|__import__)\("),
    "shell=True": re.compile(r"shell\s*=\s*True|os\.(system|popen)\("),
    "subprocess": re.compile(r"^\s*(import|from) (subprocess|pty)\b", re.MULTILINE),
    "yaml.load": re.compile(r"\byaml\.(load|unsafe_load|full_load)\b"),
    "from_string": re.compile(r"\.from_string\(|\bTemplate\("),
    "autoescape off": re.compile(r"autoescape\s*=\s*False|\{%-?\s*autoescape\s+false"),
}
_SAFE = re.compile(r"[\w.()\[\]\"']+\s*\|\s*safe\b")
_INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*(?:\bsrc=|application/ld\+json))[^>]*>|\son[a-z]+\s*=\s*[\"']|javascript:",
    re.IGNORECASE,
)


def _templates() -> list[Path]:
    return [path for door in DOORS for path in sorted((PROJECT / door).rglob("*.html"))] + sorted(
        (PROJECT / "models").rglob("*.html")
    )


def _findings() -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for module in _code("models", *DOORS, "migrations"):
        for name, pattern in DANGEROUS.items():
            if pattern.search(module.text):
                found[module.place, name] += 1
    for path in _templates():
        place, text = path.relative_to(PROJECT).as_posix(), path.read_text()
        for match in _SAFE.finditer(text):
            found[place, re.sub(r"\s*\|\s*", " | ", match[0])] += 1
        if DANGEROUS["autoescape off"].search(text):
            found[place, "autoescape off"] += 1
    return found


def test_nothing_that_runs_or_shows_typed_text_is_unreviewed() -> None:
    found = _findings()
    assert found.keys() - REVIEWED.keys() == set(), "say in REVIEWED why this is safe"
    assert REVIEWED.keys() - found.keys() == set(), "this is not there any more"


def test_templates_hold_no_inline_scripts() -> None:
    """The content security policy would stop them, and whoever could write one."""
    wrong = [
        f"{path.relative_to(PROJECT)}: {match[0]}"
        for path in _templates()
        for match in _INLINE_SCRIPT.finditer(path.read_text())
    ]
    none_of(wrong)


def test_the_project_speaks_only_of_itself() -> None:
    """No paths of the machine it was written on."""
    wrong = [
        f"{path.relative_to(PROJECT)}: {match[0]}"
        for pattern in ("*.py", "*.html", "*.md", "*.toml", "*.js", "*.css")
        for folder in (*house.PACKAGES, "docs")
        for path in sorted((PROJECT / folder).rglob(pattern))
        if "/vendor/" not in path.as_posix()
        for match in re.finditer(r"(?<![\w.])/(work|home|Users|root)/\w+", path.read_text())
    ]
    none_of(wrong)
