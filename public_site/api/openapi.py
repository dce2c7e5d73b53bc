"""The reference of the API: an OpenAPI 3.1 document, made from the table of endpoints.

The schemas are those that check what comes in and shape what goes out.
"""

from functools import lru_cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from public_site.api import problems, shapes
from public_site.api.call import NO_CONTENT, Endpoint
from public_site.api.table import ENDPOINTS
from public_site.door import Access

Json = dict[str, Any]
_REFERENCE = "#/components/schemas/{model}"
_PARAMETERS = {
    "Idempotency-Key": (
        "A key of your own: with the same key and body a request is answered as before, for 24 h.",
        {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    ),
    "If-Match": ("The ETag that the write was meant for.", {"type": "string"}),
    "If-None-Match": ("The ETag of what you hold.", {"type": "string"}),
}
_WORDS = {
    200: "Done", 201: "Created", 204: "Deleted", 304: "You hold the newest version",
    400: "Not readable", 401: "Nobody is signed in", 403: "Not permitted",
    404: "Does not exist, or not for you", 405: "Another method; see Allow",
    409: "Not possible now",
    412: "Changed since you read it", 413: "Too large", 415: "Another type of content",
    422: "Wrong values; errors names the fields", 429: "Too many; see Retry-After",
    503: "Not available now; see Retry-After",
}  # fmt: skip
WORDS_OF_REFUSALS = [(status, words) for status, words in _WORDS.items() if status >= 400]  # noqa: PLR2004
_FILE: Json = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"}
                },
            }
        }
    },
}
_ALWAYS = (400, 401, 403, 422, 429, 503)


@lru_cache(maxsize=1)
def reference() -> Json:
    """The whole document."""
    names, schemas = _schemas()
    paths: Json = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(
            endpoint, names, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Supportdesk",
            "version": version("supportdesk"),
            "description": "Articles, tickets and people of a support desk.",
        },
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
    }


def _schemas() -> tuple[Any, Json]:
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(shapes.Problem, "serialization")]
    for endpoint in ENDPOINTS:
        wanted.append((endpoint.asks, "validation"))
        if endpoint.takes is not None:
            wanted.append((endpoint.takes, "validation"))
        if endpoint.gives is not None:
            wanted.append((endpoint.gives, "serialization"))
    names, document = models_json_schema(wanted, ref_template=_REFERENCE)
    return names, document["$defs"]


def _operation(endpoint: Endpoint, names: Any, schemas: Json) -> Json:
    place = endpoint.path.removeprefix("/api/").replace("{", "").replace("}", "")
    asked = names[endpoint.asks, "validation"]["$ref"].rsplit("/", 1)[1]
    operation: Json = {
        "operationId": f"{endpoint.method.lower()} {place}".replace("/", " ").replace(" ", "-"),
        "tags": [_tag(endpoint)],
        "summary": endpoint.does,
        "description": f"Who: {endpoint.access_name}.",
        "parameters": [*_path_parameters(endpoint), *_query(schemas[asked]), *_headers(endpoint)],
        "responses": _responses(endpoint, names),
    }
    if endpoint.access is Access.PUBLIC:
        operation["security"] = [{}, {"token": []}, {"session": []}]
    if endpoint.takes is not None:
        operation["requestBody"] = {
            "required": not endpoint.may_be_empty,
            "content": {"application/json": {"schema": names[endpoint.takes, "validation"]}},
        }
    if endpoint.takes_file:
        operation["requestBody"] = _FILE
    return operation


def _tag(endpoint: Endpoint) -> str:
    path = endpoint.path
    if "/kb/" in path or "quick" in path:
        return "Articles"
    if "tickets" in path or "uploads" in path:
        return "Tickets"
    return "People and numbers"


def _path_parameters(endpoint: Endpoint) -> list[Json]:
    return [
        {"name": part[1:-1], "in": "path", "required": True,
         "schema": {"type": "string", "minLength": 1}}
        for part in endpoint.path.split("/")
        if part.startswith("{")
    ]  # fmt: skip


def _query(schema: Json) -> list[Json]:
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _in_address(item)}
        for name, item in schema.get("properties", {}).items()
    ]


def _in_address(schema: Json) -> Json:
    """The schema of a value in an address, where nothing can be null."""
    kept = {name: value for name, value in schema.items() if value is not None}
    choices = [item for item in kept.pop("anyOf", []) if item != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {**kept, "anyOf": choices} if choices else kept


def _headers(endpoint: Endpoint) -> list[Json]:
    wanted = ["Idempotency-Key"] if endpoint.creates else []
    if endpoint.has_version:
        wanted.append("If-None-Match" if endpoint.method == "GET" else "If-Match")
    return [
        {"name": name, "in": "header", "required": False, "description": words, "schema": schema}
        for name, (words, schema) in _PARAMETERS.items()
        if name in wanted
    ]


def _responses(endpoint: Endpoint, names: Any) -> Json:
    good: Json = {"description": _WORDS[endpoint.status]}
    if endpoint.gives is None and endpoint.status != NO_CONTENT:
        good["content"] = {"*/*": {}}  # the bytes of a file
    elif endpoint.gives is not None:
        shape = names[endpoint.gives, "serialization"]
        good["content"] = {"application/json": {"schema": shape}}
    if endpoint.has_version and endpoint.status != NO_CONTENT:
        good["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "The version."}}
    problem = names[shapes.Problem, "serialization"]
    bad: Json = {
        str(status): {
            "description": _WORDS[status],
            "content": {problems.MEDIA_TYPE: {"schema": problem}},
        }
        for status in _refusals(endpoint)
    }
    if endpoint.has_version and endpoint.method == "GET":
        bad["304"] = {"description": _WORDS[304]}
    return {str(endpoint.status): good, **dict(sorted(bad.items()))}


def _refusals(endpoint: Endpoint) -> set[int]:
    found = set(_ALWAYS)
    if "{" in endpoint.path or endpoint.path.endswith("/bulk"):
        found.add(404)
    if endpoint.method != "GET":
        found |= {409, 413, 415}
    if endpoint.has_version and endpoint.method != "GET":
        found.add(412)
    return found
