"""The few forms that the published schema is written in."""

from __future__ import annotations

from typing import Any, Final

from reasoner.determination import Fit

Json = dict[str, Any]


def record(what: str, **fields: Json) -> Json:
    """An object that has all of these fields and no other."""
    return record_with((), what, **fields)


def record_with(rare: tuple[str, ...], what: str, **fields: Json) -> Json:
    """An object in which some of the fields may be missing."""
    return {
        "description": what,
        "type": "object",
        "properties": fields,
        "required": [name for name in fields if name not in rare],
        "additionalProperties": False,
    }


def many(what: str, of: Json) -> Json:
    """A list."""
    return {"description": what, "type": "array", "items": of}


def text(what: str = "", *, pattern: str = "") -> Json:
    """A text."""
    found: Json = {"type": "string"}
    if what:
        found = {"description": what, **found}
    return {**found, "pattern": pattern} if pattern else found


def words(what: str, *words: str | None) -> Json:
    """One of these words."""
    return {
        "description": what,
        "enum": [None if word is None else str(word) for word in words],
    }


def maybe(field: Json) -> Json:
    """A field that may also be null."""
    if "enum" in field:
        return {**field, "enum": [*field["enum"], None]}
    return {**field, "type": [field["type"], "null"]}


def ref(name: str, what: str = "") -> Json:
    """What is defined elsewhere in the schema."""
    target = {"$ref": f"#/$defs/{name}"}
    return {"description": what, **target} if what else target


def flag(what: str) -> Json:
    """True or false."""
    return {"description": what, "type": "boolean"}


def count(what: str) -> Json:
    """A number from zero."""
    return {"description": what, "type": "integer", "minimum": 0}


def number(what: str) -> Json:
    """A decimal number, as text, so that nothing is rounded."""
    return text(what, pattern=r"^-?\d+(\.\d+)?$")


def day(what: str) -> Json:
    """A date."""
    return {**text(what), "format": "date"}


def digest(what: str) -> Json:
    """A SHA-256 in hexadecimal digits."""
    return text(what, pattern="^[0-9a-f]{64}$")


IRI: Final[Json] = {"type": "string", "format": "iri"}
ITEM: Final = text("Name of an item.")
ITEMS: Final = many("Names of items.", {"type": "string"})
CLAIMS: Final = many("Claims it rests on.", IRI)
STATEMENT: Final = {
    "node": IRI,
    "statement": text("It in words."),
    "assessed": flag("Whether it is an author's conclusion."),
    "derived": flag("Whether it follows from others, and was not stated itself."),
    "counted": flag("Whether it was counted or added up from the levels or the components."),
    "absence": flag("Whether it says that something is absent."),
    "documents": many("Where it stands.", ref("document")),
}
GROUNDS: Final = ("not necessary", "not documented", "outside the knowledge", None)
STRENGTH: Final = words("How strong the claims are.", "strong", "moderate", "weak", "unverified")
FIT: Final = words("How the patient fits the population that is spoken of.", *Fit)
APPRAISAL: Final = words(
    "How far it can carry what rests on it.",
    *(
        "verified",
        "unverified",
        "not-checkable",
        "population-mismatch",
        "misquoted",
        "contradicted",
        "unresolvable",
    ),
)
