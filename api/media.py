"""Media types: which ones are spoken, and which of them a caller wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from api.problems import Refusal

CSV: Final = "text/csv"
HTML: Final = "text/html"
JSON: Final = "application/json"
JSON_LD: Final = "application/ld+json"
MARKDOWN: Final = "text/markdown"
NDJSON: Final = "application/x-ndjson"
N_QUADS: Final = "application/n-quads"
N_TRIPLES: Final = "application/n-triples"
PLAIN: Final = "text/plain"
RDF_XML: Final = "application/rdf+xml"
TRIG: Final = "application/trig"
TURTLE: Final = "text/turtle"
ZIP: Final = "application/zip"

_LONGEST: Final = 2_000
_MOST: Final = 64


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that a caller likes best; on a tie, the one offered first.

    Raises Refusal if none is acceptable.

    >>> choose("text/html;q=0.5, text/turtle", [JSON, TURTLE, HTML])
    'text/turtle'
    >>> choose("*/*", [JSON, TURTLE]), choose(None, [JSON]), choose("text/*", [JSON, TURTLE, HTML])
    ('application/json', 'application/json', 'text/turtle')
    """
    ranges = _ranges(accept)
    if not ranges:
        return offered[0]
    best, best_quality = "", 0.0
    for media in offered:
        quality = _quality(media, ranges)
        if quality > best_quality:
            best, best_quality = media, quality
    if not best:
        raise Refusal(
            "media.not-acceptable", "None of the forms that you accept is offered.", mend=f"Ask for {_named(offered)}."
        )
    return best


def kind_of(content_type: str | None) -> str:
    """A media type without its parameters, in small letters.

    >>> kind_of("Text/Turtle; charset=utf-8")
    'text/turtle'
    """
    return (content_type or "").partition(";")[0].strip().lower()


def _named(offered: Sequence[str]) -> str:
    return offered[0] if len(offered) == 1 else f"{', '.join(offered[:-1])} or {offered[-1]}"


def _ranges(accept: str | None) -> list[tuple[str, float]]:
    if not accept or not accept.strip():
        return []
    if len(accept) > _LONGEST or accept.count(",") >= _MOST:
        raise Refusal("request.unprocessable", "The header Accept is too long.", where="Accept", mend="Name one form.")
    found = []
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = _number(value)
        if media:
            found.append((media, quality))
    return found


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 <= number <= 1 else 0.0


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    """How much a media type is liked: by the most specific range that it falls under."""
    family = media.partition("/")[0] + "/*"
    for wanted in (media, family, "*/*"):
        liked = [quality for name, quality in ranges if name == wanted]
        if liked:
            return max(liked)
    return 0.0
