"""How linked data goes out: in the form that is asked for, with a tag by which it is known to be unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.media import CSV, HTML, JSON, JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE, choose

_BY_NAME: Final = {
    "csv": CSV,
    "html": HTML,
    "json": JSON,
    "jsonld": JSON_LD,
    "nquads": N_QUADS,
    "ntriples": N_TRIPLES,
    "trig": TRIG,
    "turtle": TURTLE,
}
_LONGEST: Final = 2_000


def form_of(request: Request, named: str | None, offered: tuple[str, ...]) -> str:
    """The media type to answer in: the one named in the address, else what the caller likes best.

    Raises Refusal if what is asked for is not offered.
    """
    accept = _BY_NAME.get(named, named) if named else request.headers.get("accept")
    return choose(accept, offered)


def answer(request: Request, body: str | bytes | Mapping[str, Any] | Sequence[Any], form: str) -> Response:
    """An answer with a tag made of its bytes; only the tag if the caller has the same bytes."""
    data = _bytes(body)
    tag = hashlib.sha256(data).hexdigest()[:32]
    headers = {"ETag": f'"{tag}"', "Vary": "Accept", "Cache-Control": "no-cache"}
    if is_held(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=form)


def is_held(held: str | None, tag: str) -> bool:
    """Whether a caller holds what has this tag, by his If-None-Match.

    >>> is_held('"a", W/"b"', "b"), is_held("*", "b"), is_held('"a"', "b"), is_held(None, "b")
    (True, True, False, False)
    """
    if not held or len(held) > _LONGEST:
        return False
    tags = [one.strip().removeprefix("W/") for one in held.split(",")]
    return "*" in tags or f'"{tag}"' in tags


def _bytes(body: str | bytes | Mapping[str, Any] | Sequence[Any]) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else orjson.dumps(body)
