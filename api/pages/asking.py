"""The query page, the page of the interface, and the page that says one thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.pages import render
from reasoner.query_gate import limits
from reasoner.questions import PREFIXES, text_of, worked
from reasoner.vocabulary import ROOT

FORMATS: Final = (
    ("json", "SPARQL results as JSON, or a graph as JSON-LD"),
    ("csv", "CSV, or a graph as Turtle"),
    ("tsv", "TSV"),
    ("xml", "SPARQL results as XML, or a graph as RDF/XML"),
)
"""What the plain form may ask for; a browser's own Accept header would get this page again."""

_FIRST: Final = """SELECT ?guideline ?label WHERE {
    ?guideline a nec:Guideline ; skos:prefLabel ?label .
}
ORDER BY ?label
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A worked question: its name, its title, what it is about in a sentence or two, and its text, prefixes declared."""

    name: str
    title: str
    about: str
    text: str


def questions() -> tuple[Question, ...]:
    """The worked questions in the order of their names.

    >>> [one.about for one in questions() if one.name == "thresholds"]
    ['Problem: guidelines draw the line in different places. What it answers: every numeric bound on a property, ...']
    """
    found = ((name, title, text_of(name) or "") for name, title in worked())
    return tuple(Question(name, title, _about(text), _declared(text)) for name, title, text in found)


def sparql_page(chosen: str = "", *, bounds: Sequence[str] = ()) -> str:
    """The page on which questions are asked; the chosen worked question stands in the editor.

    `bounds` says in sentences how long a query may take here, and how large its answer may be.

    >>> "<textarea" in sparql_page("outcomes")
    True
    """
    known = questions()
    found = next((one for one in known if one.name == chosen), None)
    return render(
        "sparql.html",
        page="sparql",
        root=ROOT,
        prefixes=dict(sorted(PREFIXES.items())),
        worked=known,
        chosen=found,
        query=found.text if found else _declared(_FIRST),
        formats=FORMATS,
        bounds=bounds,
        limits=tuple(limits()),
    )


def docs_page() -> str:
    """The page of the interface; its script draws what /openapi.json says."""
    return render("docs.html", page="api")


def message_page(
    title: str,
    said: Sequence[str],
    *,
    mend: str = "",
    code: str = "",
    tone: str = "note",
    links: Sequence[tuple[str, str]] = (),
) -> str:
    """A page that says one thing: a refusal, an address that leads nowhere.

    >>> "address.unknown" in message_page("Not here", ["There is no such page."], code="address.unknown")
    True
    """
    return render("message.html", page="", title=title, said=said, mend=mend, code=code, tone=tone, links=links)


def _declared(text: str) -> str:
    """The question with the prefixes that it uses declared after its comments, so that it can be asked anywhere."""
    lines = text.splitlines(keepends=True)
    comments = next((place for place, line in enumerate(lines) if not line.startswith("#")), 0)
    body = "".join(lines[comments:])
    used = [f"PREFIX {name}: <{iri}>\n" for name, iri in sorted(PREFIXES.items()) if re.search(rf"\b{name}:\w", body)]
    return "".join([*lines[:comments], *used, body])


def _about(text: str) -> str:
    """What stands in the comments under the title."""
    lines = [line.removeprefix("#").strip() for line in text.splitlines()[1:] if line.startswith("#")]
    return " ".join(line for line in lines if not line.startswith("Columns:"))
