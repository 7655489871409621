"""A resource, a list and the lexicon as plain data and as pages: the same facts in each form."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from api.linked.addresses import address_of
from api.linked.lists import Entry, choices, link_json, to_json
from api.linked.naming import Link
from api.linked.resources import Property, Resource, Value, describe
from api.media import JSON, JSON_LD, N_TRIPLES, TURTLE
from api.pages import render
from reasoner.lexicon import Word, words_for
from reasoner.library import Library

Json = dict[str, Any]

_MANY_CHOICES: Final = 60
_MOST_WORDS: Final = 60
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


# One resource


def resource_json(resource: Resource) -> Json:
    """A resource as plain data."""
    return {
        "iri": resource.iri,
        "page": resource.address,
        "kind": resource.kind,
        "label": resource.label,
        "number": resource.number or None,
        "text": resource.text,
        "demand": resource.demand or None,
        "judged": list(resource.judged),
        "appraisal": resource.appraisal or None,
        "definedIn": _value_json(resource.home) if resource.home else None,
        "properties": [_property_json(one) for one in resource.properties],
        "namedBy": [
            {"meaning": one.key, "title": one.title, "links": [link_json(link) for link in one.links]}
            for one in resource.groups
        ],
    }


@lru_cache(maxsize=64)
def resource_page(library: Library, iri: str) -> str:
    """A thing of the knowledge as a page; the documents are long, so the last ones are remembered."""
    resource = describe(library, iri)
    if resource is None:
        return ""
    return render(
        "resource.html",
        page="terms" if resource.kind in ("class", "property", "individual", "code") else "guidelines",
        resource=resource,
        forms=_FORMS_OF_RESOURCE,
    )


_FORMS_OF_RESOURCE: Final = (
    ("turtle", ("Turtle", TURTLE)),
    ("jsonld", ("JSON-LD", JSON_LD)),
    ("ntriples", ("N-Triples", N_TRIPLES)),
    ("json", ("JSON", JSON)),
)


def _property_json(one: Property) -> Json:
    return {"property": one.iri, "label": one.label, "values": [_value_json(value) for value in one.values]}


def _value_json(value: Value) -> Json | str:
    if value.nested:
        return {"properties": [_property_json(one) for one in value.nested]}
    told = {"iri": value.iri, "page": value.address, "label": value.text}
    return {name: text for name, text in told.items() if text} if value.iri or value.address else value.text


# A list


def list_json(found: list[Entry], offset: int, limit: int) -> Json:
    """A stretch of a list as plain data, with how many there are."""
    return {
        "total": len(found),
        "offset": offset,
        "limit": limit,
        "items": [to_json(one) for one in found[offset : offset + limit]],
    }


def list_csv(found: list[Entry], offset: int, limit: int) -> str:
    """A stretch of a list as a table; of what an entry points at, the IRIs.

    A text that a spreadsheet would take for a formula is made a text.
    """
    rows = found[offset : offset + limit]
    columns = list(dict.fromkeys(name for one in rows for name, _ in one.facts))
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(["iri", "kind", "label", "number", "text", *columns])
    for one in rows:
        facts = dict(one.facts)
        cells = [one.iri, one.kind, one.label, one.number, one.text, *(facts.get(name) for name in columns)]
        writer.writerow([_cell(cell) for cell in cells])
    return written.getvalue()


def list_page(
    library: Library, name: str, title: str, found: list[Entry], asked: Json, filters: tuple[str, ...]
) -> str:
    """A stretch of a list as a page with a form that filters it."""
    offset, limit = asked["offset"], asked["limit"]
    fields = [(one, (choices(library, name, one)), str(asked.get(one) or "")) for one in filters]
    return render(
        "list.html",
        page="terms" if name == "terms" else "guidelines",
        listed=name,
        title=title,
        entries=found[offset : offset + limit],
        total=len(found),
        offset=offset,
        limit=limit,
        words=asked["q"],
        fields=[(one, among if len(among) <= _MANY_CHOICES else (), value) for one, among, value in fields],
        earlier=_with(asked, max(0, offset - limit)) if offset else "",
        later=_with(asked, offset + limit) if offset + limit < len(found) else "",
        forms=[(word, _with(asked, offset, form)) for form, word in (("json", "JSON"), ("csv", "CSV"))],
        is_link=_is_link,
        is_links=_is_links,
        spoken=_spoken,
    )


def _with(asked: Json, offset: int, form: str = "") -> str:
    """The query of the same list from another entry on, or in another form."""
    told = {**asked, "offset": offset, "format": form}
    return "?" + urlencode({name: value for name, value in told.items() if value not in (None, "", 0)})


def _is_link(value: object) -> bool:
    return isinstance(value, Link)


def _is_links(value: object) -> bool:
    return isinstance(value, tuple)


def _spoken(name: str) -> str:
    """The name of a fact or filter as words.

    >>> _spoken("effectiveFrom"), _spoken("isDefault")
    ('effective from', 'is default')
    """
    return "".join(f" {one.lower()}" if one.isupper() else one for one in name)


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(link.iri for link in value)
    if isinstance(value, Link):
        return value.iri
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


# Words


def words_json(library: Library, text: str, *, codes: bool) -> Json:
    """The terms for what a note says, the nearest first, as plain data; how many there are beside those shown."""
    found = words_for(library, text, codes=codes) if text.strip() else []
    return {
        "asked": text,
        "total": len(found),
        "items": [
            {
                "iri": one.iri,
                "page": address_of(one.iri),
                "name": one.name,
                "kind": one.kind,
                "also": list(one.also),
                "definition": one.definition,
                "written": one.written or None,
            }
            for one in found[:_MOST_WORDS]
        ],
    }


def words_page(library: Library, text: str, *, codes: bool) -> str:
    """The terms for what a note says, as a page."""
    found: list[Word] = words_for(library, text, codes=codes) if text.strip() else []
    return render(
        "terms.html",
        page="terms",
        asked=text,
        codes=codes,
        words=[(one, address_of(one.iri), one.written) for one in found[:_MOST_WORDS]],
        total=len(found),
    )
