"""Open questions as forms: what kind of fact a criterion asks for, read off its own shape and the case vocabulary.

A question that is answered by stating one fact gets its fields: which kind of thing, where, on which
side, and every property that the shape demands, with its range or its grades. What is worked out
from other facts gets none, and says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from reasoner.advice import needs_of
from reasoner.anatomy import Place, local
from reasoner.evidence import document_of
from reasoner.itemised import bare
from reasoner.terms import XSD
from reasoner.vocabulary import SH, Case, Nec, Spine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reasoner.criteria import Leaf
    from reasoner.determine import Decision
    from reasoner.library import Library
    from reasoner.schema import Property

Json = dict[str, Any]

AT_LEVEL: Final = frozenset({Nec.evidenceAtLevel, Nec.evidenceInConstruct, Nec.evidenceAdjacent})
_STATABLE: Final = AT_LEVEL | {Nec.evidenceInRegion, Nec.evidenceOfPatient, Nec.evidenceOfRoots, Nec.hasPatient}
_WITH_SIDE: Final = AT_LEVEL | {Nec.evidenceOfRoots}
_ASKED_APART: Final = frozenset({Case.atLevel, Case.onSide, Case.ofRoot, Case.onDate})
_MOST_CHOICES: Final = 80
_UNIT: Final = re.compile(r"^.+ in (?P<unit>[a-z0-9 ]+)$")
_DATES: Final = frozenset({XSD + "date", XSD + "gYearMonth", XSD + "gYear"})
_WORKED_OUT: Final = "It is worked out from other facts: answer those, or add them to the case."


@dataclass(frozen=True, slots=True)
class Asked:
    """What stating a fact that a leaf asks for takes: the kinds it may be, and the properties it demands."""

    leaf: Leaf
    kinds: tuple[str, ...]
    """The classes that a case may give to it, the one asked about first where it may be stated."""
    properties: tuple[tuple[str, bool], ...]
    """The properties that the shape reads, each with whether it must be stated."""
    denied: str
    """The class whose documented absence would answer the leaf; empty where none can be stated."""


def questions_of(decision: Decision) -> list[Json]:
    """What is not documented, in the order of the needs, each with the form in which it can be answered."""
    documents = [
        {"node": one["node"], "label": one["label"] or one["kind"]}
        for document in decision.record.graph.nodes(decision.record.case, Case.hasDocument)
        for one in [document_of(decision, document)]
    ]
    return [_question(decision, need, documents) for need in needs_of(decision)]


def _question(decision: Decision, need: Json, documents: list[Json]) -> Json:
    library, criterion = decision.library, need["criterion"]
    leaf = library.criteria.leaves[criterion]
    asked = asked_by(library, criterion)
    found: Json = {
        **{key: need[key] for key in ("criterion", "label", "answer", "askFor", "anyOf", "wouldSettle", "items")},
        "question": library.definition(criterion),
        "answerable": asked is not None,
        "why": None if asked else library.schema.instead.get(leaf.shape.genus) or _WORKED_OUT,
        "asksAbout": library.label(leaf.shape.genus),
        "kinds": [],
        "levels": [],
        "everywhere": False,
        "roots": [],
        "sides": [],
        "fields": [],
        "dated": False,
        "documents": [],
        "canDeny": False,
    }
    if asked is None:
        return found
    kinds = frozenset(asked.kinds)
    of_patient = leaf.path == Nec.hasPatient
    places = [one.item.place for one in decision.items if one.item.id in need["items"]]
    return {
        **found,
        "kinds": [] if of_patient else [_named(library, kind) for kind in asked.kinds],
        "levels": _levels(library, leaf, places) if _may_carry(library, Case.atLevel, kinds) else [],
        "everywhere": leaf.path == Nec.evidenceInRegion,
        "roots": _roots(library, leaf, places) if _may_carry(library, Case.ofRoot, kinds) else [],
        "sides": _sides(decision, asked, kinds),
        "fields": [
            field
            for path, needed in asked.properties
            if path not in _ASKED_APART and (field := _field(library, path, kinds, needed=needed))
        ],
        "dated": not of_patient
        and _may_carry(library, Case.onDate, kinds)
        and bool(leaf.shape.window or decision.evidence_until),
        "documents": [] if of_patient else documents,
        "canDeny": bool(asked.denied),
    }


@lru_cache(maxsize=2048)
def asked_by(library: Library, criterion: str) -> Asked | None:
    """What a criterion asks to be stated; None where no single fact that a case may state can answer it.

    >>> from reasoner import Library
    >>> from reasoner.vocabulary import GUIDELINE
    >>> found = asked_by(Library.read(), GUIDELINE + "lumbar-fusion#back-pain")
    >>> [local(kind) for kind in found.kinds][:1], local(found.denied)
    (['BackPain'], 'BackPain')
    """
    leaf = library.criteria.leaves.get(criterion)
    if leaf is None or leaf.path not in _STATABLE:
        return None
    genus = _stated_for(library, leaf.shape.genus)
    if genus is None:
        return None
    properties = dict(_paths(library, leaf.shape.shape))
    known = library.schema.properties
    if any(needed and path not in known and path not in library.spans.windows for path, needed in properties.items()):
        return None
    kinds = _kinds(library, leaf.shape.shape, genus)
    if not kinds:
        return None
    is_patient = leaf.path == Nec.hasPatient
    denied = "" if is_patient or genus not in known[Case.ofKind].values else genus
    return Asked(leaf, kinds, tuple(properties.items()), denied)


def _stated_for(library: Library, genus: str) -> str | None:
    """The class that a case states for one asked about: itself, what it totals, or what defines it at some level."""
    if genus in library.schema.assertable:
        return genus
    if genus in library.totals:
        return library.totals[genus]
    for one in library.definitions:
        if one.iri == genus and all(path == Case.atLevel for path, _, _ in one.links):
            return next((cls for cls in sorted(one.classes) if cls in library.schema.assertable), None)
    return None


def _kinds(library: Library, shape: str, genus: str) -> tuple[str, ...]:
    """The classes that a case may give to what is asked for, as far as the shape's own classes narrow them."""

    def below(classes: Iterable[str]) -> frozenset[str]:
        return frozenset(below for cls in classes for below in library.descendants.get(cls, ()))

    graph = library.graph
    possible = below([genus]) & library.schema.assertable
    for cls in graph.nodes(shape, SH + "class"):
        if cls in library.schema.assertable:
            possible &= below([cls])
    for head in graph.nodes(shape, SH + "or"):
        sides = [graph.nodes(str(side), SH + "class") for side in graph.list(head)]
        if all(sides):
            possible &= below(cls for side in sides for cls in side)
    for one in graph.nodes(shape, SH + "not"):
        if graph.index.get(one, {}).keys() == {SH + "class"}:
            possible -= below(graph.nodes(one, SH + "class"))
    named = sorted(possible - {genus}, key=lambda cls: (library.label(cls).lower(), cls))
    return tuple(([genus] if genus in possible else []) + named)[:_MOST_CHOICES]


def _paths(library: Library, shape: str) -> Iterator[tuple[str, bool]]:
    """The properties that a shape reads on the node itself, each with whether it must be stated."""
    graph = library.graph
    for one in graph.nodes(shape, SH + "property"):
        path = graph.node(one, SH + "path")
        if path:
            yield path, bool(graph.objects(one, SH + "minCount"))
    for head in graph.nodes(shape, SH + "or"):
        for side in graph.list(head):
            yield from ((path, False) for path, _ in _paths(library, str(side)))
    for head in graph.nodes(shape, SH + "and"):
        for side in graph.list(head):
            yield from _paths(library, str(side))
    for inner in graph.nodes(shape, SH + "not"):
        yield from ((path, False) for path, _ in _paths(library, inner))


def _may_carry(library: Library, path: str, kinds: frozenset[str]) -> bool:
    known = library.schema.properties.get(path)
    return known is not None and (not known.domain or bool(known.domain & kinds))


def _named(library: Library, iri: str) -> Json:
    return {"value": iri, "label": library.label(iri)}


def _levels(library: Library, leaf: Leaf, places: list[Place]) -> list[Json]:
    """Where the fact may be: the levels of the items, or their regions, or the levels that the shape itself names."""
    anatomy = library.anatomy
    if leaf.path == Nec.evidenceInRegion:
        found = {region for place in places for region in anatomy.region_groups(place)}
    elif leaf.path in AT_LEVEL:
        found = {level for place in places for level in place.segments or place.vertebrae | place.joints}
        if leaf.path == Nec.evidenceAdjacent:
            beside = [anatomy.adjacent(place) for place in places]
            found = {level for place in beside for level in place.segments or place.vertebrae}
    else:
        found = set()
    named = _values_named(library, leaf.shape.shape, Case.atLevel) & library.schema.properties[Case.atLevel].values
    ordered = sorted(named or found, key=lambda level: (anatomy.order(level), level))
    return [{"value": level, "label": anatomy.names.get(level) or local(level)} for level in ordered]


def _values_named(library: Library, shape: str, path: str) -> set[str]:
    """The nodes that a shape names as values of one property, in any of its alternatives."""
    graph = library.graph
    found: set[str] = set()
    for one in graph.nodes(shape, SH + "property"):
        if graph.node(one, SH + "path") == path:
            found.update(graph.nodes(one, SH + "hasValue"))
            found.update(str(v) for head in graph.nodes(one, SH + "in") for v in graph.list(head))
    for key in (SH + "or", SH + "and"):
        for head in graph.nodes(shape, key):
            for side in graph.list(head):
                found |= _values_named(library, str(side), path)
    return found


def _roots(library: Library, leaf: Leaf, places: list[Place]) -> list[Json]:
    if leaf.path != Nec.evidenceOfRoots:
        return []
    roots = {root for place in places for root in library.anatomy.roots(place)}
    return [_named(library, root) for root in sorted(roots)]


def _sides(decision: Decision, asked: Asked, kinds: frozenset[str]) -> list[Json]:
    """Left, right and both, where the shape, the item or the kind of question makes the side matter."""
    library = decision.library
    demanded = any(path == Case.onSide for path, _ in asked.properties)
    if not (demanded or asked.leaf.path in _WITH_SIDE) or not _may_carry(library, Case.onSide, kinds):
        return []
    return [_named(library, side) for side in (Spine.Left, Spine.Right, Spine.Bilateral)]


def _field(library: Library, path: str, kinds: frozenset[str], *, needed: bool) -> Json | None:
    """One property as a field of a form; None where a case cannot state it of such a thing in one value."""
    known = library.schema.properties.get(path)
    if known is None or not _may_carry(library, path, kinds):
        return None
    kind = _kind_of_field(known)
    if kind is None:
        return None
    choices = _choices(library, known) if kind == "choice" else []
    return {
        "property": path,
        "name": local(path),
        "label": _label(library, path, kind),
        "kind": kind,
        "needed": needed,
        "choices": choices,
        "units": _units(library, path) if kind == "number" else [],
        "min": None if known.minimum is None else str(known.minimum),
        "max": None if known.maximum is None else str(known.maximum),
    }


def _kind_of_field(known: Property) -> str | None:
    if known.datatypes:
        if known.is_text:
            return None
        if XSD + "boolean" in known.datatypes:
            return "yes-no"
        return "date" if _DATES & set(known.datatypes) else "number"
    return "choice" if 0 < len(known.values) <= _MOST_CHOICES else None


def _label(library: Library, path: str, kind: str) -> str:
    label = library.label(path)
    return label if kind == "yes-no" else bare(label)


def _choices(library: Library, known: Property) -> list[Json]:
    """The values of a property: the grades of its scale from the lowest up, or its values by name."""
    grades = library.schema.scales.get(known.scale, ())
    ordered = grades or sorted(known.values, key=lambda one: (library.label(one).lower(), one))
    return [_named(library, one) for one in ordered if one in known.values]


def _units(library: Library, path: str) -> list[Json]:
    """The units in which a quantity may be stated, the smallest first."""
    span = library.schema.span_of.get(path)
    exact = (span.exact if span else frozenset()) or frozenset({path})
    ordered = sorted(exact, key=lambda one: (library.schema.properties[one].unit_factor, one))
    named = [(local(one), _UNIT.match(library.label(one))) for one in ordered]
    return [{"value": name, "label": found["unit"]} for name, found in named if found]
