"""Questions in SPARQL over the knowledge, the examples and their determinations: worked ones, and any other.

Every file, example and determination is a named graph; without GRAPH a question sees all of them
as one. Nothing is written and nothing is fetched: a question that would do either is refused.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from reasoner.case import read_case
from reasoner.determine import Decision, decide
from reasoner.errors import CaseUnreadable, GuidelineUnknown
from reasoner.terms import XSD, Literal
from reasoner.vocabulary import (
    BIBO,
    CASE,
    CITO,
    CODE,
    DCTERMS,
    DERIVED,
    ITEM,
    NECESSITY,
    OWL,
    POLICY,
    PROV,
    RDFS,
    RECORD,
    REFERENCE,
    ROOT,
    SH,
    SKOS,
    SPINE,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable

    from reasoner.library import Library
    from reasoner.terms import Graph, Term

EXAMPLE: Final = ROOT + "example/"
PREFIXES: Final = {
    "bibo": BIBO, "case": CASE, "cito": CITO, "code": CODE, "dct": DCTERMS, "nec": NECESSITY, "owl": OWL,
    "policy": POLICY, "prov": PROV, "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdfs": RDFS,
    "ref": REFERENCE, "sh": SH, "skos": SKOS, "spine": SPINE, "xsd": XSD,
}  # fmt: skip
"""What a question need not declare."""

_LONGEST: Final = 20_000
_DEEPEST: Final = 40
_MOST_STEPS: Final = 500
"""Slashes and bars outside texts: the engine's time grows faster than the length of a path."""
_TABLES: Final = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
_SILENT: Final = re.compile(
    r"""<[^<>"{}|^`\\\s]*>|#[^\n]*|\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL
)
_WORD: Final = re.compile(r"(?<![\w:?$@.-])[A-Za-z]+(?![\w:-])")
_UPDATES: Final = frozenset(["ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE"])
_NESTING: Final = re.compile(r"[({\[]|[)}\]]|<<|>>")
_CHAIN: Final = re.compile(r"(?:[!^+-]\s*){41,}")


def worked() -> list[tuple[str, str]]:
    """The worked questions: name and title of each.

    >>> [title for name, title in worked() if name == "outcomes"]
    ['What came out for every item of every example']
    """
    return [(name, text.splitlines()[0].removeprefix("# ")) for name, text in _texts().items()]


def text_of(name: str) -> str | None:
    """The text of a worked question, or None if there is none of that name."""
    return _texts().get(name)


def _texts() -> dict[str, str]:
    folder: Traversable = files("reasoner") / "queries"
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".rq")), key=lambda one: one.name)
    return {one.name.removesuffix(".rq"): one.read_text(encoding="utf-8") for one in found}


def store_of(library: Library) -> ox.Store:
    """All that can be asked about: ontology, guidelines, references, policies, examples, determinations."""
    store = ox.Store()
    for name in library.files:
        data = (library.root / name).read_bytes()
        store.load(data, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(_graph_name(name)))
    for path in sorted((library.root / "examples").glob("*.ttl")):
        case = read_case(path.read_bytes(), schema=library.schema, name=path.name)
        _add_example(store, path.stem, decide(library, case))
    return store


def _graph_name(file: str) -> str:
    """The name of a knowledge file's graph.

    >>> _graph_name("shapes/lumbar-fusion/guideline.ttl")
    'https://w3id.org/spine-reasoner/guideline/lumbar-fusion'
    """
    folder, *rest = file.removesuffix(".ttl").split("/")
    if folder == "shapes" and len(rest) > 1:
        return f"{ROOT}guideline/{rest[0]}"
    return ROOT + {"policies": "policy", "references": "reference"}.get(rest[-1], rest[-1])


def _add_example(store: ox.Store, name: str, decision: Decision) -> None:
    from reasoner.statement import identity_of, statement  # noqa: PLC0415  rdflib is costly, and only questions need it

    stated = ox.NamedNode(EXAMPLE + name)
    closed, determined = ox.NamedNode(f"{stated.value}/closed"), ox.NamedNode(f"{stated.value}/determination")
    own_names = {RECORD: stated.value, ITEM: f"{stated.value}/item#", DERIVED: f"{stated.value}/derived#"}

    def own(iri: str) -> str:
        # Every example calls its patient the same; in one store each gets names of its own.
        for shared, mine in own_names.items():
            if iri.startswith(shared):
                return mine + iri.removeprefix(shared)
        return iri

    def quads(graph: Graph, into: ox.NamedNode) -> list[ox.Quad]:
        return [
            ox.Quad(ox.NamedNode(own(subject)), ox.NamedNode(predicate), _term(value, own), into)
            for subject, predicate, value in graph
            if not subject.startswith("_:")
        ]

    store.extend(quads(decision.case.graph, stated))
    known = set(store.quads_for_pattern(None, None, None, stated))
    told = quads(decision.record.graph, closed)
    store.extend(quad for quad in told if ox.Quad(quad.subject, quad.predicate, quad.object, stated) not in known)
    text = statement(decision).serialize(format="nt", encoding="utf-8")
    for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        subject, value = quad.subject, quad.object
        subject = ox.NamedNode(own(subject.value)) if isinstance(subject, ox.NamedNode) else subject
        value = ox.NamedNode(own(value.value)) if isinstance(value, ox.NamedNode) else value
        store.add(ox.Quad(subject, quad.predicate, value, determined))
    root = ox.NamedNode(f"{ROOT}determination/{identity_of(decision)}")
    store.add(ox.Quad(root, ox.NamedNode(DCTERMS + "subject"), stated, determined))


def _term(value: Term, own: Callable[[str], str]) -> ox.NamedNode | ox.Literal:
    if isinstance(value, Literal):
        if value.language:
            return ox.Literal(value.lexical, language=value.language)
        return ox.Literal(value.lexical, datatype=ox.NamedNode(value.datatype))
    return ox.NamedNode(own(value))


def answer(store: ox.Store, query: str, form: str = "text") -> bytes:
    """Ask a question; the answer as text, csv, tsv, json or xml, or for a graph as turtle.

    Raises CaseUnreadable for a question that cannot be read or is not allowed, GuidelineUnknown for an unknown form.
    """
    _admit(store, query)
    try:
        found = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=not _asks_from(query))
    except SyntaxError as error:
        raise CaseUnreadable("query.syntax", f"The question cannot be read: {error}.", where="query") from error
    if isinstance(found, ox.QueryTriples):
        if form not in ("text", "turtle"):
            raise _unknown(form, "text, turtle")
        triples = sorted(found, key=str)
        return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    if form == "text":
        return (f"{str(bool(found)).lower()}\n" if isinstance(found, ox.QueryBoolean) else _table(found)).encode()
    if form not in _TABLES:
        raise _unknown(form, ", ".join(("text", *_TABLES)))
    return found.serialize(format=_TABLES[form]) or b""


def _unknown(form: str, known: str) -> GuidelineUnknown:
    return GuidelineUnknown("query.form", f"There is no form {form!r} for this answer.", mend=f"Use one of: {known}.")


def _bare(query: str) -> str:
    """A question without its comments, names in brackets and texts: only the words that mean something to SPARQL."""
    return _SILENT.sub(" ", query)


def _asks_from(query: str) -> bool:
    return "FROM" in _words(query)


def _words(query: str) -> list[str]:
    return [word.upper() for word in _WORD.findall(_bare(query))]


def _admit(store: ox.Store, query: str) -> None:
    if len(query) > _LONGEST:
        raise _refused("size", "The question is too long.", f"Keep it under {_LONGEST} characters.")
    depth = deepest = 0
    for mark in _NESTING.findall(_bare(query)):
        depth += 1 if mark in ("(", "{", "[", "<<") else -1
        deepest = max(deepest, depth)
    if len(re.findall(r"[/|]", _bare(query))) > _MOST_STEPS:
        raise _refused("size", "The question has too many steps.", f"Keep to {_MOST_STEPS} steps in its paths.")
    if deepest > _DEEPEST or _CHAIN.search(_bare(query)):
        raise _refused("nesting", "The question is nested too deep.", f"Keep to {_DEEPEST} brackets in each other.")
    words = _words(query)
    if _UPDATES.intersection(words):
        raise _refused("update", "A question may not change anything.", "Use SELECT, ASK, CONSTRUCT or DESCRIBE.")
    if "SERVICE" in words:
        raise _refused("service", "A question may not ask another server.", "Leave SERVICE out.")
    named = {str(graph) for graph in store.named_graphs()}
    asked = re.findall(r"\bFROM\s+(?:NAMED\s+)?(\S+)", query, re.IGNORECASE)
    if _asks_from(query) and not set(asked) <= named:
        raise _refused("from", "FROM names a graph that is not here, and nothing is fetched.", "Leave FROM out.")


def _refused(code: str, what: str, mend: str) -> CaseUnreadable:
    return CaseUnreadable(f"query.{code}", what, where="query", mend=mend)


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
        longest = max(PREFIXES.items(), key=lambda one: len(one[1]) if term.value.startswith(one[1]) else 0)
        prefix, base = longest
        return (
            f"{prefix}:{term.value.removeprefix(base)}"
            if term.value.startswith(base)
            else term.value.removeprefix(ROOT)
        )
    if isinstance(term, ox.Literal):
        return " ".join(term.value.split())
    return "" if term is None else str(term)
