"""One thing of the knowledge, described: what it is, what is said of it, and who names it as what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from api.linked.addresses import address_of, room_of
from api.linked.kinds import KINDS
from api.linked.meanings import BOTH_WAYS, word_of
from api.linked.naming import Group, groups_of, link_to
from api.linked.uses import known
from api.linked.worked import Written, written
from reasoner.criteria import Leaf
from reasoner.library import Library
from reasoner.restating import restated
from reasoner.sourcing import verdict_of
from reasoner.tables import Option
from reasoner.terms import RDF_FIRST, RDF_NIL, Literal, Term
from reasoner.vocabulary import BIBO, ROOT, SH, SKOS, Nec
from reasoner.words import demand, judged_words

_TOLD_ABOVE: Final = frozenset({SKOS + "prefLabel", SKOS + "definition", SKOS + "notation"})
_FOLDS: Final = frozenset({SH + "and", SH + "or", SH + "not", SH + "message"})
_IDENTIFIERS: Final = {BIBO + "doi": "https://doi.org/", BIBO + "pmid": "https://pubmed.ncbi.nlm.nih.gov/"}
_DEEPEST: Final = 8
_PARTS: Final = (Nec.bands, Nec.components, Nec.options)
_IN_PARTS: Final = frozenset(["banding", "score-component", "scoring-system"])


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property: a text, a term with its address, or what stands in a node without a name."""

    text: str
    iri: str = ""
    address: str = ""
    nested: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """One property with its words and its values, those of a list in its order."""

    iri: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing as it is shown: everything that is said of it, and everything that names it."""

    iri: str
    address: str
    kind: str
    label: str
    number: str
    text: str
    demand: str
    judged: tuple[str, ...]
    verdict: str
    appraisal: str
    properties: tuple[Property, ...]
    groups: tuple[Group, ...]
    home: Value | None
    source: str = ""

    @property
    def kind_word(self) -> str:
        """What a thing of its kind is called."""
        return KINDS[self.kind].one

    @property
    def is_verified(self) -> bool:
        """Whether it was read in its source, and stands."""
        return self.verdict == Nec.Verified

    @property
    def told_below(self) -> frozenset[str]:
        """The properties whose values stand in a group of their own, with more said of each."""
        return frozenset({*BOTH_WAYS, *(_PARTS if self.kind in _IN_PARTS else ())})

    @property
    def room(self) -> str:
        """The guideline in which it stands, or an empty string."""
        return room_of(self.iri)

    @property
    def title(self) -> str:
        """Its number and name."""
        return f"{self.number} {self.label}".strip()


@lru_cache(maxsize=256)
def describe(library: Library, iri: str) -> Resource | None:
    """What is known of a term; None for one that is not known.

    >>> found = describe(Library.read(), "https://w3id.org/spine-reasoner/guideline/lumbar-fusion#translation-over-2-mm")
    >>> found.kind, found.demand
    ('criterion', 'evidence at its level: dynamic translation of more than 2 millimetres')
    """
    there = known(library)
    kind = there.kinds.get(iri)
    if kind is None:
        return None
    if iri in written(library):
        return _written(library, written(library)[iri])
    leaf = library.criteria.leaves.get(iri)
    home = there.homes.get(iri, "")
    verdict = verdict_of(library, iri) or ""
    return Resource(
        iri=iri,
        address=address_of(iri),
        kind=kind,
        label=library.label(iri),
        number=library.graph.text(iri, SKOS + "notation"),
        text=library.definition(iri)
        or (f"Everything that is named {iri}# and something." if kind == "document" else ""),
        demand=demand(library, leaf) if leaf else "",
        judged=tuple(judged_words(library, leaf)) if leaf else (),
        verdict=verdict,
        appraisal=library.label(verdict) if verdict else "",
        properties=_properties(library, iri, kind),
        groups=groups_of(library, iri, kind),
        home=_value(library, "", home) if home else None,
    )


def _written(library: Library, case: Written) -> Resource:
    kind = known(library).kinds[case.iri]
    properties = [
        _property(library, Nec.asksFor, [_value(library, "", cls) for cls in case.asked if cls]),
        _property(library, Nec.outcome, [Value(word.replace("-", " ")) for word in case.outcomes]),
        _property(
            library,
            Nec.criterion,
            [
                replace(_value(library, "", one.criterion), text=f"{library.label(one.criterion)}: {_said(one.word)}")
                for one in case.expected
                if one.criterion
            ],
        ),
    ]
    return Resource(
        iri=case.iri,
        address=address_of(case.iri),
        kind=kind,
        label=case.label,
        number="",
        text=case.story,
        demand="",
        judged=(),
        verdict="",
        appraisal="",
        properties=tuple(one for one in properties if one.values),
        groups=(),
        home=_value(library, "", case.guideline) if case.guideline else None,
        source=case.path.read_text(encoding="utf-8"),
    )


def _said(word: str) -> str:
    return word.replace("-", " ")


def _property(library: Library, predicate: str, values: list[Value]) -> Property:
    return Property(predicate, word_of(library, predicate), tuple(values))


def _properties(library: Library, iri: str, kind: str) -> tuple[Property, ...]:
    found = []
    for predicate, values in library.graph.index.get(iri, {}).items():
        # The shape of a criterion is told as a demand in words.
        hidden = kind == "criterion" and predicate.startswith(SH) and predicate not in _FOLDS
        if predicate not in _TOLD_ABOVE and not hidden:
            shown = [one for value in values for one in _values(library, predicate, value, 0, iri)]
            found.append(_property(library, predicate, shown))
    if kind == "class" and iri in library.schema.derived_classes and (written_as := restated(library.graph, iri)):
        found.append(_property(library, Nec.writtenAs, [Value(written_as)]))
    return tuple(found)


def _values(library: Library, predicate: str, value: Term, depth: int, owner: str) -> list[Value]:
    """A value as it is shown; the members of a list stand for the list."""
    graph = library.graph
    if isinstance(value, str) and value.startswith("_:") and RDF_FIRST in graph.index.get(value, {}):
        members = [member for member in graph.list(value) if member != RDF_NIL]
        return [one for member in members for one in _values(library, predicate, member, depth, owner)]
    if predicate in (Nec.whenEvidence, Nec.whenEachSide) and (leaf := _options(library).get(owner)):
        return [Value(demand(library, leaf))]
    return [_value(library, predicate, value, depth)]


def _value(library: Library, predicate: str, value: Term, depth: int = 0) -> Value:
    if isinstance(value, Literal):
        base = _IDENTIFIERS.get(predicate, "")
        return Value(value.lexical, address=base + value.lexical if base else "")
    if not value.startswith("_:"):
        there = known(library)
        shown = there.editions.get(value, value)
        is_known = shown in there.kinds or not value.startswith(ROOT)
        return Value(link_to(library, value).label, value, address_of(shown) if is_known else "")
    if depth >= _DEEPEST:
        return Value("…")
    nested = tuple(
        _property(library, inner, [one for each in values for one in _values(library, inner, each, depth + 1, value)])
        for inner, values in library.graph.index.get(value, {}).items()
    )
    return Value("", nested=nested)


@lru_cache(maxsize=2)
def _options(library: Library) -> dict[str, Leaf]:
    every: list[Option] = [
        option for system in library.scoring_systems for part in system.components for option in part.options
    ]
    return {option.iri: option.leaf for option in every if option.leaf}


def is_derived(library: Library, iri: str) -> bool:
    """Whether a class or property follows from others, so that no case may state it.

    >>> is_derived(Library.read(), "https://w3id.org/spine-reasoner/spine#LegPain")
    False
    """
    schema = library.schema
    return iri in schema.derived_classes or iri in schema.derived_properties
