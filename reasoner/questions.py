"""Questions in SPARQL over the knowledge, the examples and their determinations: worked ones, and any other.

Every file, worked case, example and determination is a named graph; without GRAPH a question sees all
of them as one. Nothing is written and nothing is fetched: a question that would do either is refused.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from reasoner.asking import PREFIXES, asked
from reasoner.dataset import EXAMPLE, dataset_quads
from reasoner.errors import CaseUnreadable, GuidelineUnknown
from reasoner.query_gate import admit
from reasoner.vocabulary import ROOT
from reasoner.writing import rdf_text

if TYPE_CHECKING:
    from reasoner.library import Library

__all__ = ["EXAMPLE", "PREFIXES", "answer", "store_of", "text_of", "worked"]

_TABLES: Final = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}


def worked() -> list[tuple[str, str]]:
    """The worked questions: name and title of each.

    >>> [title for name, title in worked() if name == "outcomes"]
    ['What came out for every item of every case']
    """
    return [(name, text.splitlines()[0].removeprefix("# ")) for name, text in _texts().items()]


def text_of(name: str) -> str | None:
    """The text of a worked question, or None if there is none of that name."""
    return _texts().get(name)


@lru_cache(maxsize=1)
def _texts() -> dict[str, str]:
    found = sorted(
        (one for one in (files("reasoner") / "queries").iterdir() if one.name.endswith(".rq")),
        key=lambda one: one.name,
    )
    return {one.name.removesuffix(".rq"): one.read_text(encoding="utf-8") for one in found}


def store_of(library: Library) -> ox.Store:
    """All that can be asked about: ontology, guidelines, references, policies, cases, determinations."""
    store = ox.Store()
    store.bulk_extend(dataset_quads(library))
    return store


def answer(store: ox.Store, query: str, form: str = "text") -> bytes:
    """Ask a question; the answer as text, csv, tsv, json or xml, or for a graph as turtle.

    Raises CaseUnreadable for a question that cannot be read or is not allowed, GuidelineUnknown for an unknown form.
    """
    _refuse_unknown_graphs(store, query)
    found = asked(store, query)
    if isinstance(found, ox.QueryTriples):
        if form not in ("text", "turtle"):
            raise _unknown(form, "text, turtle")
        triples = sorted(found, key=str)
        return rdf_text(triples, ox.RdfFormat.TURTLE, PREFIXES)
    if form == "text":
        return (f"{str(bool(found)).lower()}\n" if isinstance(found, ox.QueryBoolean) else _table(found)).encode()
    if form not in _TABLES:
        raise _unknown(form, ", ".join(("text", *_TABLES)))
    return found.serialize(format=_TABLES[form]) or b""


def _refuse_unknown_graphs(store: ox.Store, query: str) -> None:
    # To a program a graph that is not there is an empty one; a person has more likely misspelt it.
    admitted = admit(query, PREFIXES)
    if any(
        not store.contains_named_graph(ox.NamedNode(name))
        for name in (*admitted.default_graphs, *admitted.named_graphs)
        if ":" in name
    ):
        raise CaseUnreadable(
            "query.from",
            "FROM names a graph that is not here, and nothing is fetched.",
            where="query",
            mend="Leave FROM out, or ask SELECT DISTINCT ?g { GRAPH ?g {} } which graphs there are.",
        )


def _unknown(form: str, known: str) -> GuidelineUnknown:
    return GuidelineUnknown("query.form", f"There is no form {form!r} for this answer.", mend=f"Use one of: {known}.")


def _table(found: ox.QuerySolutions) -> str:
    head = [variable.value for variable in found.variables]
    rows = [head, *([_cell(solution[name]) for name in head] for solution in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    rule = "  ".join("-" * width for width in widths)
    count = len(rows) - 1
    return "\n".join((lines[0], rule, *lines[1:], "", f"{count} row{'' if count == 1 else 's'}", ""))


def _cell(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        prefix, base = max(PREFIXES.items(), key=lambda one: len(one[1]) if term.value.startswith(one[1]) else 0)
        short = f"{prefix}:{term.value.removeprefix(base)}" if term.value.startswith(base) else term.value
        return short.removeprefix(ROOT)
    if isinstance(term, ox.Literal):
        return " ".join(term.value.split())
    return "" if term is None else str(term)
