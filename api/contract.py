"""How the contract is written down: bodies, forms and problems as OpenAPI tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api import media
from api.problems import MEDIA_TYPE, TITLES, TYPES
from reasoner.published import schema

Json = dict[str, Any]

PROBLEM: Final[Json] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "what": {"type": "string"},
        "where": {"type": "string"},
        "mend": {"type": "string"},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
        "problems": {
            "type": "array",
            "description": "Everything that is wrong with a case, the first of them told above.",
            "items": {
                "type": "object",
                "required": ["code", "what", "where", "mend"],
                "properties": {
                    **{name: {"type": "string"} for name in ("code", "what", "where", "mend")},
                    **{name: {"type": "integer", "minimum": 1} for name in ("line", "column")},
                },
            },
        },
    },
}
DETERMINATION: Final[Json] = {"$ref": "#/components/schemas/Determination"}

_EXAMPLES: Final = {
    400: ("case.syntax", "This does not parse.", "case, line 3, column 14", "Look at this place and just before it."),
    401: ("access.key", "This server asks for a key.", "", "Send `Authorization: Bearer KEY`."),
    403: ("access.elsewhere", "Another site asked for this.", "", "Ask for it from a page of this server."),
    404: ("determination.unknown", "No determination of this name is kept here.", "", "Keep it with keep=true."),
    406: ("media.not-acceptable", "None of the forms that you accept is offered.", "", "Ask for application/json."),
    408: ("request.slow", "The body did not arrive in time.", "", "Send it at once."),
    409: ("store.conflict", "Something else is kept under this name.", "", "Tell whoever runs this server."),
    413: ("request.too-large", "The body is larger than 2,097,152 bytes.", "", "Send less in one request."),
    415: ("case.media-type", "This media type is not read.", "case", "Send Turtle, TriG, N-Triples or JSON-LD."),
    421: ("host.unknown", "This server does not go by that name.", "Host", "Whoever runs it names it."),
    422: ("case.level", "There is no level L7.", "case, line 12", "Name one of C1 to S5."),
    429: ("access.rate", "Too many requests came from you.", "", "Wait, then send it."),
    503: ("server.busy", "Too many requests are being worked on.", "", "Send it again in a moment."),
    507: ("store.full", "There is no room left in the store.", "", "Make room, then send it again."),
}

ALWAYS: Final = (400, 401, 403, 406, 408, 413, 415, 421, 422, 429, 503)
"""What every route that reads a body may answer."""
_FURTHER: Final = frozenset(["changes", "ledger", "margins", "together", "unmoved"])
"""What a determination leaves out with `further=false`."""
_NEVER_TOLD: Final = ("HTTPValidationError", "Validation Error", "ValidationError")
"""What the framework would declare for parameters that cannot stand; here they are refused as everything else is."""
_ANYWHERE: Final = (400, 401, 408, 413, 415, 421, 429, 503)
"""What the layers around the routes may answer, whatever is asked for."""


def problems(*statuses: int) -> dict[int | str, Json]:
    """The declared problems of a route, each with an example."""
    return {status: _problem(status) for status in sorted({*statuses})}


def _problem(status: int) -> Json:
    code, what, where, mend = _EXAMPLES[status]
    place = f" ({where})" if where else ""
    example = {
        "type": TYPES + code,
        "title": TITLES[status],
        "status": status,
        "detail": f"{what}{place} {mend}",
        "code": code,
        "what": what,
        "where": where,
        "mend": mend,
    }
    found: Json = {
        "description": TITLES[status],
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example},
            media.HTML: {"schema": {"type": "string", "description": "The same as a page, for a browser."}},
        },
    }
    if status in (429, 503):
        found["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    return found


def answers(
    forms: Mapping[str, Json] | tuple[str, ...],
    what: str,
    *,
    json: Json | None = None,
    headers: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
) -> Json:
    """A declared answer: what it is, the media types that it comes in, the shape of its JSON, and its own headers.

    `links` names operations that take the name of a determination, which its header tells.
    """
    shapes = forms if isinstance(forms, Mapping) else {form: _shape(form, json) for form in forms}
    found: Json = {"description": what, "content": {form: {"schema": shape} for form, shape in shapes.items()}}
    if headers:
        found["headers"] = {
            name: {"description": told, "required": True, "schema": {"type": "string"}}
            for name, told in headers.items()
        }
    if links:
        found["links"] = {
            name: {"operationId": operation, "parameters": {"name": "$response.header.Determination-Id"}}
            for name, operation in links.items()
        }
    return found


def declared(*statuses: int, **answered: Json) -> dict[int | str, Json]:
    """The declared answers of a route: those given by status, as `ok` and `created`, and its problems."""
    named = {"ok": 200, "created": 201}
    found: dict[int | str, Json] = {named[word]: answer for word, answer in answered.items()}
    return found | problems(*statuses)


def _shape(form: str, json: Json | None) -> Json:
    if form == media.JSON:
        return json or {"type": "object"}
    return {} if form == media.JSON_LD else {"type": "string"}


def record(*, optional: tuple[str, ...] = (), **members: str | Json) -> Json:
    """The shape of an object with these members and no others, each a schema or the name of a type.

    >>> record(live="boolean")["required"]
    ['live']
    """
    shapes = {name: {"type": told} if isinstance(told, str) else told for name, told in members.items()}
    required = [name for name in shapes if name not in optional]
    return {"type": "object", "required": required, "properties": shapes, "additionalProperties": False}


def body(types: Mapping[str, Any], what: str, *, json: Json | None = None) -> Json:
    """A declared body: what it is, an example in each of its media types (None where none can be written out), its JSON."""
    content = {}
    for name, example in types.items():
        shape: Json = (json or {"type": "object"}) if isinstance(example, dict) else {"type": "string"}
        content[name] = {"schema": shape} if example is None else {"schema": shape, "example": example}
    return {"requestBody": {"required": True, "description": what, "content": content}}


def completed(contract: Json) -> Json:
    """The contract with what all routes share: the shapes that they name, and the problems of the layers around them."""
    schemas = contract.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Problem": PROBLEM, **_determination()}
    for name in _NEVER_TOLD:
        schemas.pop(name, None)
    for operations in contract["paths"].values():
        for method, operation in operations.items():
            statuses = _ANYWHERE if method == "get" else (*_ANYWHERE, 403)  # what another site makes a browser send
            shared = {str(status): told for status, told in problems(*statuses).items()}
            declared_here = operation["responses"]
            if declared_here.get("422", {}).get("description") == _NEVER_TOLD[1]:
                declared_here["422"] = _problem(422)
            operation["responses"] = dict(sorted((shared | declared_here).items()))
    return contract


def _determination() -> Json:
    """The published schema in parts, each under a name of its own: not every tool follows a reference through `$id`."""

    def moved(part: Any) -> Any:
        if isinstance(part, list):
            return [moved(one) for one in part]
        if not isinstance(part, dict):
            return part
        return {key: _moved(value) if key == "$ref" else moved(value) for key, value in part.items()}

    whole = schema()
    whole["required"] = [name for name in whole["required"] if name not in _FURTHER]
    parts = {f"Determination.{name}": moved(part) for name, part in whole.pop("$defs").items()}
    described = {"externalDocs": {"url": whole.pop("$id")}}
    whole.pop("$schema")
    return {"Determination": moved(whole) | described, **parts}


def _moved(reference: str) -> str:
    """Where a part of the published schema stands in the contract.

    >>> _moved("#/$defs/item")
    '#/components/schemas/Determination.item'
    """
    return "#/components/schemas/Determination." + reference.removeprefix("#/$defs/")
