"""The reference of the API: as a document for programs, and as a page for people."""

import json
from typing import Any

from starlette.responses import Response

from public_site import api, rendering
from public_site.door import Visit


def document(visit: Visit) -> Response:
    """The OpenAPI document."""
    return rendering.cached(
        visit, Response(json.dumps(api.reference()), media_type="application/json")
    )


def page(visit: Visit) -> Response:
    """The same to read, without a script."""
    return rendering.show(
        visit, "api/docs.html", public=True, document=api.reference(), groups=_groups(),
        fields_of=_fields_of, kind_of=_kind_of, problems=api.WORDS_OF_REFUSALS,
    )  # fmt: skip


def _groups() -> dict[str, list[dict[str, Any]]]:
    """The operations by what they are about."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in api.reference()["paths"].items():
        for method, operation in methods.items():
            said = {"method": method.upper(), "path": path, **operation}
            groups.setdefault(operation["tags"][0], []).append(said)
    return groups


def _fields_of(schema: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The fields of an object: name, kind, and whether it must be there."""
    found = _resolved(schema)
    required = found.get("required", [])
    return [
        (name, _kind_of(item), name in required)
        for name, item in found.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = api.reference()["components"]["schemas"].get(name, schema)
    return found


def _kind_of(schema: dict[str, Any]) -> str:
    """What a value is, in a few words."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind_of(item) for item in schema["anyOf"]))
    if "$ref" in schema:
        found = _resolved(schema)
        return _kind_of(found) if "enum" in found else schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_kind_of(schema.get('items', {}))}"
    kind = "time" if schema.get("format") == "date-time" else str(schema.get("type", "anything"))
    longest = schema.get("maxLength")
    return f"{kind}, at most {longest:,} characters" if longest else kind
