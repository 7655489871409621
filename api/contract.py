"""How the contract is written down: bodies, forms and problems as OpenAPI tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api import media
from api.problems import MEDIA_TYPE, TITLES, TYPES

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
        "problems": {"type": "array", "items": {"type": "object"}},
    },
}

_EXAMPLES: Final = {
    400: ("case.syntax", "This does not parse.", "case, line 3, column 14", "Look at this place and just before it."),
    401: ("access.key", "This server asks for a key.", "", "Send `Authorization: Bearer KEY`."),
    403: ("access.elsewhere", "Another site asked for this.", "", "Ask for it from a page of this server."),
    404: ("determination.unknown", "No determination of this name is kept here.", "", "Keep it with keep=true."),
    406: ("media.not-acceptable", "None of the forms that you accept is offered.", "", "Ask for application/json."),
    408: ("request.slow", "The body did not arrive in time.", "", "Send it at once."),
    413: ("request.too-large", "The body is larger than 2,097,152 bytes.", "", "Send less in one request."),
    415: ("case.media-type", "This media type is not read.", "case", "Send Turtle, TriG, N-Triples or JSON-LD."),
    421: ("host.unknown", "This server does not go by that name.", "Host", "Whoever runs it names it."),
    422: ("case.level", "There is no level L7.", "case, line 12", "Name one of C1 to S5."),
    429: ("access.rate", "Too many requests came from you.", "", "Wait, then send it."),
    503: ("server.busy", "Too many requests are being worked on.", "", "Send it again in a moment."),
    507: ("store.full", "There is no room left in the store.", "", "Make room, then send it again."),
}

CASE_TYPES: Final = (media.TURTLE, media.JSON_LD, media.JSON, media.TRIG, media.N_TRIPLES)
ALWAYS: Final = (400, 401, 403, 406, 408, 413, 415, 421, 422, 429, 503)


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
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
    if status in (429, 503):
        found["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    return found


def answers(forms: Mapping[str, Json] | tuple[str, ...], what: str) -> Json:
    """A declared answer: what it is, and the media types that it comes in."""
    shapes = forms if isinstance(forms, Mapping) else {form: _shape(form) for form in forms}
    return {"description": what, "content": {form: {"schema": shape} for form, shape in shapes.items()}}


def declared(*statuses: int, **answered: Json) -> dict[int | str, Json]:
    """The declared answers of a route: those given by status, as `ok` and `created`, and its problems."""
    named = {"ok": 200, "created": 201}
    found: dict[int | str, Json] = {named[word]: answer for word, answer in answered.items()}
    return found | problems(*statuses)


def _shape(form: str) -> Json:
    return {"type": "object"} if form == media.JSON else {"type": "string"}


def body(types: Mapping[str, Any], what: str) -> Json:
    """A declared body: what it is, and an example in each of its media types."""
    content = {}
    for name, example in types.items():
        shape: Json = {"type": "object"} if isinstance(example, dict) else {"type": "string"}
        content[name] = {"schema": shape, "example": example}
    return {"requestBody": {"required": True, "description": what, "content": content}}
