"""Cases drawn at random from what a case may say, near the questions that the guidelines ask.

A case is drawn as plain statements, so that a test can shuffle them, rename their nodes, leave
one out or add one, and read it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Final

from hypothesis import strategies as st

from reasoner.case import Case, read_case
from reasoner.closure import close
from reasoner.criteria import Leaf
from reasoner.determine import Decision, decide
from reasoner.library import Library
from reasoner.record import Record
from reasoner.schema import Property
from reasoner.terms import RDF_TYPE, XSD, Literal, Term, Triple
from reasoner.vocabulary import CASE, RECORD, SH, SPINE, Spine
from reasoner.vocabulary import Case as CaseTerm

PATIENT: Final = RECORD + "#patient"
REQUEST: Final = RECORD + "#request"
DATES: Final = ("2024-11-02", "2025-06-30", "2026-01-15", "2026-02-20", "2026-04-01")
PARTIAL: Final = (("2025", "gYear"), ("2025-12", "gYearMonth"), ("2026-02", "gYearMonth"))


@lru_cache(maxsize=1)
def library() -> Library:
    """The bundled knowledge, read once for all tests of a run."""
    return Library.read()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A case as the statements that make it up."""

    triples: tuple[Triple, ...]

    def read(self) -> Case:
        """Read it as any case is read."""
        return read_statements(self.triples)

    def decide(self) -> Decision:
        """Read it and determine it under the default policy."""
        return decide(library(), self.read())

    def plus(self, extra: Iterable[Triple]) -> Drawn:
        """The case with more statements."""
        return Drawn((*self.triples, *extra))


def read_statements(triples: Sequence[Triple]) -> Case:
    """Read statements as a case, through N-Triples."""
    text = "".join(f"{_written(s)} <{p}> {_written(o)} .\n" for s, p, o in triples)
    return read_case(text.encode(), schema=library().schema, media_type="application/n-triples")


def _written(term: Term) -> str:
    if isinstance(term, Literal):
        return f'"{term.lexical}"^^<{term.datatype}>'
    return term if term.startswith("_:") else f"<{term}>"


def node(name: str) -> str:
    """A node of the case by its name."""
    return f"{RECORD}#{name}"


def record(name: str, cls: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """The statements that record one piece of evidence."""
    me = node(name)
    return (
        Triple(RECORD, CaseTerm.records, me),
        Triple(me, RDF_TYPE, cls),
        *(Triple(me, path, value) for path, value in edges),
    )


def number(text: str) -> Literal:
    """A number of a case."""
    return Literal(text, XSD + ("decimal" if "." in text else "integer"))


def day(text: str) -> Literal:
    """A date of a case."""
    return Literal(text, XSD + "date")


def request(*services: tuple[str, Sequence[tuple[str, Term]]], on: str = "2026-03-01") -> tuple[Triple, ...]:
    """A case that asks for services, each given as its class and what is said of it, and records nothing."""
    triples = [
        Triple(RECORD, RDF_TYPE, CaseTerm.Case),
        Triple(RECORD, CaseTerm.hasPatient, PATIENT),
        Triple(PATIENT, RDF_TYPE, CaseTerm.Patient),
        Triple(RECORD, CaseTerm.hasRequest, REQUEST),
        Triple(REQUEST, RDF_TYPE, CaseTerm.Request),
    ]
    if on:
        triples.append(Triple(REQUEST, CaseTerm.requestedOn, day(on)))
    for index, (cls, edges) in enumerate(services):
        me = node(f"service-{index}")
        triples += [Triple(REQUEST, CaseTerm.asksFor, me), Triple(me, RDF_TYPE, cls)]
        triples += [Triple(me, path, value) for path, value in edges]
    return tuple(triples)


def at(level: str) -> tuple[str, Term]:
    """That something is at a level, named as a surgeon names it."""
    return (CaseTerm.atLevel, SPINE + level)


def levels(upper: str, lower: str) -> tuple[tuple[str, Term], ...]:
    """That something reaches from one vertebra to another."""
    return ((CaseTerm.fromLevel, SPINE + upper), (CaseTerm.toLevel, SPINE + lower))


def document(name: str, cls: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """The statements that put a document into the case."""
    me = node(name)
    return (Triple(RECORD, CaseTerm.hasDocument, me), Triple(me, RDF_TYPE, cls), *(Triple(me, p, v) for p, v in edges))


def closed(*triples: tuple[Triple, ...], until: date | None = date(2026, 3, 1)) -> Record:
    """The record of a case, closed under the default policy."""
    case = read_statements([t for group in triples for t in group])
    return close(library(), case.graph, case.iri, library().policy(None), until)


# What is worth drawing: the classes, properties and numbers that leaves ask about.


@lru_cache(maxsize=1)
def questions() -> tuple[Leaf, ...]:
    """The leaves that evidence of a case can answer, in a stable order."""
    lib = library()
    found = [leaf for leaf in lib.criteria.leaves.values() if statable(leaf.shape.genus)]
    return tuple(sorted(found, key=lambda leaf: leaf.iri))


@cache
def statable(cls: str) -> tuple[str, ...]:
    """The classes at or below one that a case may state as evidence, else those right above it."""
    lib = library()
    below = [c for c in lib.descendants.get(cls, ()) if c in lib.schema.assertable and is_evidence(c)]
    if not below:
        below = [c for c in lib.ancestors.get(cls, ()) if c in lib.schema.assertable and is_evidence(c)]
    return tuple(sorted(below))


def is_evidence(cls: str) -> bool:
    """Whether instances of a class are evidence and not services."""
    lib = library()
    plain = {CaseTerm.Absence, CaseTerm.NotDocumented}
    return lib.is_a(cls, Spine.Evidence) and not lib.is_a(cls, Spine.Procedure) and not plain & lib.ancestors[cls]


@lru_cache(maxsize=1)
def services() -> tuple[str, ...]:
    """The classes of procedure that a case may ask for and that some recommendation speaks of."""
    lib = library()
    spoken = {cls for one in lib.recommendations for cls in one.concerns}
    return tuple(sorted(c for c in lib.procedures if c in lib.schema.assertable and spoken & lib.ancestors[c]))


@cache
def parts(shape: str) -> tuple[str, ...]:
    """A value shape and every shape below it."""
    graph = library().graph
    waiting, seen = [shape], []
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.append(one)
        for edge in ("property", "not", "qualifiedValueShape"):
            waiting += graph.nodes(one, SH + edge)
        for edge in ("or", "and"):
            waiting += [m for head in graph.nodes(one, SH + edge) for m in graph.list(head) if isinstance(m, str)]
    return tuple(seen)


@cache
def demanded(shape: str) -> tuple[tuple[str, tuple[Term, ...]], ...]:
    """Every path that a value shape names anywhere, with the values and numbers it names there."""
    graph = library().graph
    found: list[tuple[str, tuple[Term, ...]]] = []
    for one in parts(shape):
        path = graph.node(one, SH + "path")
        if path is not None:
            values = [v for head in graph.nodes(one, SH + "in") for v in graph.list(head)]
            for kind in ("hasValue", "minInclusive", "maxInclusive", "minExclusive", "maxExclusive"):
                values += graph.objects(one, SH + kind)
            found.append((path, tuple(values)))
    return tuple(found)


# The strategies.


@st.composite
def cases(draw: st.DrawFn, *, most_findings: int = 7, from_rank: int = 2) -> Drawn:
    """A case with one to three services and some evidence near them."""
    lib = library()
    spine = sorted(lib.anatomy.rank, key=lambda v: lib.anatomy.rank[v])
    centre = draw(st.integers(from_rank, len(spine) - 3), label="centre")
    near = spine[max(centre - 3, 0) : centre + 4]
    asked = draw(st.lists(st.sampled_from(services()), min_size=1, max_size=3), label="services")
    wanted = [(cls, draw(_service_place(near))) for cls in asked]
    triples = list(request(*wanted, on=draw(st.sampled_from(("2026-03-01", "2026-03-01", "")))))
    if draw(st.booleans()):
        triples.append(
            Triple(PATIENT, CaseTerm.ageInYears, number(draw(st.sampled_from(("9", "17", "18", "44", "71")))))
        )
    urgency = draw(st.sampled_from((None, CaseTerm.Routine, CaseTerm.Emergency)))
    if urgency:
        triples.append(Triple(REQUEST, CaseTerm.hasUrgency, urgency))
    documents = draw(_documents(near), label="documents")
    triples += [t for one in documents for t in one]
    names = [one[0].object for one in documents]
    evidence: list[tuple[str, str]] = []
    for index in range(draw(st.integers(0, most_findings), label="findings")):
        drawn = draw(_evidence(f"finding-{index}", near, names, evidence))
        triples += drawn
        me, cls = drawn[1].subject, str(drawn[1].object)
        evidence.append((me, cls))
        if draw(st.integers(0, 3)) == 0:
            triples += draw(_contradiction(f"finding-{index}-again", drawn))
    for index in range(draw(st.integers(0, 2), label="absences")):
        triples += draw(_absence(f"absence-{index}", near, names))
    return Drawn(tuple(dict.fromkeys(triples)))


@st.composite
def wide_cases(draw: st.DrawFn) -> Drawn:
    """A case with any procedure and any evidence that the vocabulary has, whether or not a guideline asks about it."""
    lib = library()
    spine = sorted(lib.anatomy.rank, key=lambda v: lib.anatomy.rank[v])
    centre = draw(st.integers(2, len(spine) - 3), label="centre")
    near = spine[max(centre - 3, 0) : centre + 4]
    asked = draw(st.lists(st.sampled_from(procedures()), min_size=1, max_size=2), label="services")
    triples = list(request(*[(cls, draw(_service_place(near))) for cls in asked]))
    documents = draw(_documents(near), label="documents")
    triples += [t for one in documents for t in one]
    for index in range(draw(st.integers(1, 6), label="findings")):
        cls = draw(st.sampled_from(evidence_classes()))
        edges = [*draw(_places(near))]
        for path in draw(st.lists(st.sampled_from(properties_of(cls)), max_size=3, unique=True)):
            edges += draw(_said(path, (), ()))
        triples += record(f"finding-{index}", cls, *_tidy(cls, edges))
    return Drawn(tuple(dict.fromkeys(triples)))


@lru_cache(maxsize=1)
def procedures() -> tuple[str, ...]:
    """Every class of procedure that a case may ask for."""
    return tuple(sorted(c for c in library().procedures if c in library().schema.assertable))


@lru_cache(maxsize=1)
def evidence_classes() -> tuple[str, ...]:
    """Every class of evidence that a case may state."""
    return tuple(sorted(cls for cls in library().schema.assertable if is_evidence(cls)))


@cache
def properties_of(cls: str) -> tuple[str, ...]:
    """Every property with values of its own that evidence of a class may carry, apart from its place."""
    schema = library().schema
    return tuple(
        sorted(
            path
            for path, known in schema.properties.items()
            if (known.values or known.datatypes)
            and not known.is_text
            and not known.takes_level
            and (not known.domain or known.domain & schema.superclasses[cls])
        )
    )


@st.composite
def _service_place(draw: st.DrawFn, near: Sequence[str]) -> list[tuple[str, Term]]:
    lib = library()
    edges: list[tuple[str, Term]] = []
    how = draw(st.sampled_from(("range", "range", "segment", "vertebra", "nowhere")))
    if how == "range":
        first, last = sorted(draw(st.lists(st.integers(0, len(near) - 1), min_size=2, max_size=2, unique=True)))
        edges = [(CaseTerm.fromLevel, near[first]), (CaseTerm.toLevel, near[last])]
    elif how == "segment":
        segments = sorted({s for v in near for s in lib.anatomy.segments_of.get(v, ())}, key=lib.anatomy.order)
        edges = [(CaseTerm.atLevel, draw(st.sampled_from(segments)))]
    elif how == "vertebra":
        edges = [(CaseTerm.atLevel, draw(st.sampled_from(near)))]
    side = draw(st.sampled_from((None, None, Spine.Left, Spine.Right)))
    return edges + ([(CaseTerm.onSide, side)] if side else [])


@st.composite
def _documents(draw: st.DrawFn, near: Sequence[str]) -> list[tuple[Triple, ...]]:
    kinds = sorted(c for c in library().document_kinds if c in library().schema.assertable)
    found = []
    for index, kind in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=3))):
        me = node(f"document-{index}")
        triples = [Triple(RECORD, CaseTerm.hasDocument, me), Triple(me, RDF_TYPE, kind)]
        when = draw(_dates)
        if when:
            triples.append(Triple(me, CaseTerm.writtenOn, when))
        if draw(st.booleans()):
            triples += [Triple(me, CaseTerm.fromLevel, near[0]), Triple(me, CaseTerm.toLevel, near[-1])]
        if draw(st.integers(0, 3)) == 0:
            triples.append(Triple(me, CaseTerm.isExcerpt, Literal("true", XSD + "boolean")))
        found.append(tuple(triples))
    return found


_dates: Final = st.one_of(
    st.none(), st.sampled_from(DATES).map(day), st.sampled_from(PARTIAL).map(lambda p: Literal(p[0], XSD + p[1]))
)


@st.composite
def _evidence(
    draw: st.DrawFn, name: str, near: Sequence[str], documents: Sequence[Term], earlier: Sequence[tuple[str, str]]
) -> tuple[Triple, ...]:
    leaf = draw(st.sampled_from(questions()))
    cls = draw(st.sampled_from(statable(leaf.shape.genus)))
    edges: list[tuple[str, Term]] = [*draw(_places(near))]
    for path, values in demanded(leaf.shape.shape):
        if path != CaseTerm.atLevel:  # said already
            edges += draw(_said(path, values, earlier))
    for path, chance in ((CaseTerm.onSide, 3), (CaseTerm.hasCertainty, 4), (CaseTerm.hasBasis, 4)):
        if draw(st.integers(0, chance)) == 0:
            edges += draw(_said(path, (), earlier))
    if draw(st.booleans()) and documents:
        edges.append((CaseTerm.statedIn, draw(st.sampled_from(list(documents)))))
    when = draw(_dates)
    if when:
        edges.append((CaseTerm.onDate, when))
    return record(name, cls, *_tidy(cls, edges))


@st.composite
def _contradiction(draw: st.DrawFn, name: str, first: Sequence[Triple]) -> tuple[Triple, ...]:
    """The same statement again with one value changed, so that the two may not both hold."""
    edges = [(t.predicate, t.object) for t in first[2:]]
    movable = [i for i, (path, _) in enumerate(edges) if path.removeprefix(CASE) not in _FIXED]
    if movable:
        at = draw(st.sampled_from(movable))
        about = edges[at][0].removesuffix("AtLeast").removesuffix("AtMost")
        edges = [e for i, e in enumerate(edges) if i == at or not e[0].startswith(about)]
        at = next(i for i, e in enumerate(edges) if e[0].startswith(about))
        fresh = draw(_said(about, (), ()))
        edges = [*edges[:at], *fresh, *edges[at + 1 :]]
    else:
        return record(
            name, CaseTerm.Absence, *[e for e in edges if e[0] == CaseTerm.atLevel], (CaseTerm.ofKind, first[1].object)
        )
    return record(name, str(first[1].object), *_tidy(str(first[1].object), edges))


_FIXED: Final = frozenset(
    {"atLevel", "fromLevel", "toLevel", "onSide", "statedIn", "onDate", "dueTo", "ofMuscle", "ofRoot", "ofKind"}
)


@st.composite
def _absence(draw: st.DrawFn, name: str, near: Sequence[str], documents: Sequence[Term]) -> tuple[Triple, ...]:
    leaf = draw(st.sampled_from(questions()))
    cls = draw(st.sampled_from((CaseTerm.Absence, CaseTerm.Absence, CaseTerm.NotDocumented)))
    edges: list[tuple[str, Term]] = [
        (CaseTerm.ofKind, draw(st.sampled_from(statable(leaf.shape.genus)))),
        *draw(_places(near)),
    ]
    if draw(st.booleans()) and documents:
        edges.append((CaseTerm.statedIn, draw(st.sampled_from(list(documents)))))
    return record(name, cls, *edges)


@st.composite
def _places(draw: st.DrawFn, near: Sequence[str]) -> list[tuple[str, Term]]:
    lib = library()
    how = draw(st.sampled_from(("vertebra", "segment", "segment", "region", "range", "nowhere")))
    if how == "vertebra":
        return [(CaseTerm.atLevel, draw(st.sampled_from(near)))]
    if how == "segment":
        segments = sorted({s for v in near for s in lib.anatomy.segments_of.get(v, ())}, key=lib.anatomy.order)
        return [(CaseTerm.atLevel, draw(st.sampled_from(segments)))]
    if how == "region":
        return [(CaseTerm.atLevel, draw(st.sampled_from(sorted(lib.anatomy.members))))]
    if how == "range":
        first, last = sorted(draw(st.lists(st.integers(0, len(near) - 1), min_size=2, max_size=2, unique=True)))
        return [(CaseTerm.fromLevel, near[first]), (CaseTerm.toLevel, near[last])]
    return []


@st.composite
def _said(
    draw: st.DrawFn, path: str, values: Sequence[Term], earlier: Sequence[tuple[str, str]]
) -> list[tuple[str, Term]]:
    """What may be said on a path: nothing, a value that a guideline names, another, or a span."""
    known = library().schema.properties.get(path)
    how = draw(st.sampled_from(("named", "named", "other", "span", "silent")))
    if known is None or how == "silent":
        return []
    if how == "named" and values and all(allows(known, v) for v in values):
        return [(path, draw(st.sampled_from(list(values))))]
    if known.low_end and known.high_end and how == "span":
        one, other = draw(_value(known, values)), draw(_value(known, values))
        ends = sorted(v for v in (one, other) if v is not None)
        ends.sort(key=_height)
        if len(ends) == 2:
            chosen = draw(st.sampled_from(("both", "low", "high")))
            low, high = (known.low_end, ends[0]), (known.high_end, ends[1])
            return {"both": [low, high], "low": [low], "high": [high]}[chosen]
        return []
    if known.node_classes and not known.values:
        fitting = [me for me, cls in earlier if cls in known.node_classes]
        return [(path, draw(st.sampled_from(fitting)))] if fitting else []
    value = draw(_value(known, values))
    return [] if value is None else [(path, value)]


def allows(known: Property, value: Term) -> bool:
    """Whether a case may say a value of a property as it stands."""
    if isinstance(value, Literal):
        return bool(known.datatypes)
    return value in known.values


def _height(value: Term) -> tuple[float, ...]:
    if isinstance(value, Literal):
        return (float(value.number or 0),)
    return tuple(float(rank) for rank in library().schema.grade_ranks[value])


@st.composite
def _value(draw: st.DrawFn, known: Property, values: Sequence[Term]) -> Term | None:
    if known.values:
        return draw(st.sampled_from(sorted(known.values)))
    kind = known.datatypes[0].removeprefix(XSD) if known.datatypes else ""
    if kind == "boolean":
        return Literal(draw(st.sampled_from(("true", "false"))), XSD + "boolean")
    if kind in ("decimal", "integer"):
        named = [v.number for v in values if isinstance(v, Literal) and v.number is not None]
        near = [n + step for n in named for step in (-1, 0, 1)]
        least = known.minimum if known.minimum is not None else 0
        most = known.maximum if known.maximum is not None else least + 100
        fits = sorted({n for n in [*near, least, most, (least + most) // 2] if least <= n <= most})
        return number(f"{draw(st.sampled_from(fits)):f}")
    if "date" in kind:
        return day(draw(st.sampled_from(DATES)))
    return None


def _tidy(cls: str, edges: Sequence[tuple[str, Term]]) -> list[tuple[str, Term]]:
    """Keep of all that was drawn what one statement may say: each quantity once, each property where it belongs."""
    schema = library().schema
    kept: dict[str, list[Term]] = {}
    stated: set[str] = set()
    for path, value in edges:
        known = schema.properties.get(path)
        if known is None or (known.domain and not known.domain & schema.superclasses[cls]):
            continue
        span = schema.span_of.get(path)
        about = min(span.exact) if span else path
        if path in kept and (known.functional or span):
            continue
        if span:
            others = {p for p in kept if schema.span_of.get(p) is span}
            if others and (path in span.exact or others & span.exact or about + path in stated):
                continue
        kept.setdefault(path, []).append(value)
    return [(path, value) for path, values in kept.items() for value in dict.fromkeys(values)]
