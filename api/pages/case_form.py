"""The form for a case: its page, and the search for what a note says; no clinical word stands here.

What the form shows is described as data (`form_fields`), drawn by the page's script, and written by
it as plain JSON-LD.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson
import pyoxigraph

from api.pages import render
from api.pages.form_fields import form_description, written_name
from api.pages.home import Chosen
from api.pages.offers import offer_named, policies_of
from reasoner.intake import MAX_BYTES
from reasoner.lexicon import words_for
from reasoner.schema import PREFIXES
from reasoner.templates import case_template
from reasoner.terms import RDF_TYPE

if TYPE_CHECKING:
    from reasoner.lexicon import Word
    from reasoner.library import Library
    from reasoner.schema import CaseSchema

__all__ = ["LONGEST_QUESTION", "MOST_WORDS", "form_bytes", "form_description", "form_page", "found_terms"]

Json = dict[str, Any]

MOST_WORDS: Final = 12
LONGEST_QUESTION: Final = 200
_IT: Final = pyoxigraph.NamedNode("urn:it")


def form_page(library: Library, *, limit: int = MAX_BYTES) -> str:
    """The page; without a script it offers a template to edit by hand."""
    return render(
        "form.html",
        page="determine",
        case_text=case_template(".jsonld"),
        chosen=Chosen(offer_named(library, "").name),
        policies=policies_of(library),
        limit=limit,
    )


@lru_cache(maxsize=2)
def form_bytes(library: Library) -> bytes:
    """What the form is made of, as it is sent."""
    return orjson.dumps(form_description(library))


def found_terms(library: Library, text: str, of: str = "") -> Json:
    """The terms that words of a note may mean, the nearest first; of a property, those that it may hold.

    >>> from reasoner import Library
    >>> found_terms(Library.read(), "slipped vertebra", of="records")["found"][0]["name"]
    'Spondylolisthesis'
    """
    schema = library.schema
    known = schema.properties.get(schema.names.get(of, ""))
    fitting = (known.node_classes or known.values) if known else None
    rows: list[Json] = []
    for word in words_for(library, text[:LONGEST_QUESTION]):
        if len(rows) == MOST_WORDS:
            break
        if fitting is None or word.iri in fitting:
            rows.append(_found(library, word))
    return {"query": text[:LONGEST_QUESTION], "of": of, "found": rows}


def _found(library: Library, word: Word) -> Json:
    return {
        "name": written_name(library.schema, word.iri),
        "label": library.label(word.iri),
        "kind": word.kind,
        "about": word.definition,
        "also": list(word.also),
        "how": word.written,
        "states": _stated(library.schema, word.written),
    }


def _stated(schema: CaseSchema, written: str) -> Json | None:
    """What a way of writing a term states, as JSON writes it; None if it needs more than one node, or is no statement."""
    if not written.startswith("a "):
        return None
    head = "".join(f"@prefix {short}: <{space}> . " for short, space in PREFIXES.items())
    try:
        quads = list(pyoxigraph.parse(f"{head}{_IT} {written} .", format=pyoxigraph.RdfFormat.TURTLE))
    except SyntaxError:
        return None  # It is told in words.
    found: dict[str, list[Any]] = {}
    for quad in quads:
        if quad.subject != _IT or isinstance(quad.object, pyoxigraph.BlankNode):
            return None
        path = "type" if quad.predicate.value == RDF_TYPE else written_name(schema, quad.predicate.value)
        text = quad.object.value
        is_name = isinstance(quad.object, pyoxigraph.NamedNode)
        found.setdefault(path, []).append(written_name(schema, text) if is_name else json.loads(text))
    return found
