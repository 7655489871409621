"""Who names a thing and as what: links in groups, each group under the words for its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.linked.addresses import address_of, room_of
from api.linked.kinds import KINDS
from api.linked.meanings import BOTH_WAYS, ORDER, heading, meaning_of
from api.linked.uses import Use, known
from api.linked.worked import Written, expecting, written
from reasoner.anatomy import local
from reasoner.criteria import Branch
from reasoner.library import Library
from reasoner.vocabulary import GUIDELINE, SH, SKOS, Nec

_MANY: Final = len(ORDER)
_HOLDS: Final = "holds:"
_HOW: Final = {
    Nec.indications: "an indication",
    Nec.prerequisites: "a prerequisite",
    Nec.exclusions: "an exclusion",
    Nec.considerations: "a consideration",
}


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that is pointed at: its name, number and kind, and what is worth saying of it here."""

    iri: str
    address: str
    label: str
    number: str = ""
    kind: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """The last part of its IRI, which is its anchor in a document."""
        return local(self.iri)

    @property
    def room(self) -> str:
        """The guideline in which it stands, or an empty string."""
        return room_of(self.iri)


@dataclass(frozen=True, slots=True)
class Group:
    """Things that name another in the same sense: a stable name for machines, and words for readers."""

    key: str
    title: str
    links: tuple[Link, ...]

    @property
    def is_part(self) -> bool:
        """Whether its links are what a document holds."""
        return self.key.startswith(_HOLDS)


def link_to(library: Library, iri: str, note: str = "") -> Link:
    """A link to a term of ours or of others.

    >>> link_to(Library.read(), "https://w3id.org/spine-reasoner/spine#L4-L5").address
    '/id/spine/L4-L5'
    """
    kind = known(library).kinds.get(iri, "")
    if case := written(library).get(iri):
        return Link(iri, address_of(iri), case.label, kind=kind, note=note)
    number = library.graph.text(iri, SKOS + "notation")
    return Link(iri, address_of(iri), library.label(iri) or local(iri), number, kind, note)


def groups_of(library: Library, iri: str, kind: str) -> tuple[Group, ...]:
    """Everything that names a thing, in groups of one kind and one meaning; what it holds, first."""
    own = _OWN.get(kind)
    made = [*(own(library, iri) if own else ()), *_parts(library, iri), *_named(library, iri)]
    return tuple(one for one in made if one.links)


def _named(library: Library, iri: str) -> list[Group]:
    kinds = known(library).kinds
    found: dict[tuple[str, str], dict[str, None]] = {}
    for use in known(library).uses.get(iri, ()):
        kind = kinds.get(use.owner, "individual")
        if use.owner != iri:
            found.setdefault((meaning_of(kind, use.predicate, use.last), kind), {})[use.owner] = None
    for relation in BOTH_WAYS:
        for other in library.graph.nodes(iri, relation):
            found.setdefault((relation, kinds.get(other, "claim")), {})[other] = None
    order = list(KINDS)
    ranked = sorted(found, key=lambda one: (ORDER.get(one[0], _MANY), one[0], order.index(one[1])))
    return [
        Group(
            f"{local(meaning)}:{kind}",
            heading(library, kind, meaning),
            tuple(link_to(library, owner) for owner in found[meaning, kind]),
        )
        for meaning, kind in ranked
    ]


def _parts(library: Library, iri: str) -> list[Group]:
    """What a document holds, kind by kind, in the order of the document."""
    there = known(library)
    members: dict[str, list[str]] = {}
    for member in there.documents.get(iri, ()):
        members.setdefault(there.kinds[member], []).append(member)
    return [
        Group(
            f"{_HOLDS}{kind}",
            KINDS[kind].many,
            tuple(link_to(library, one, library.definition(one)) for one in members[kind]),
        )
        for kind in KINDS
        if kind in members
    ]


# What a thing of one kind is shown with, beside what names it


def _of_guideline(library: Library, iri: str) -> list[Group]:
    cases = [case for case in written(library).values() if case.guideline == iri]
    return [Group("worked-cases", "Worked cases", tuple(_case(case, case.outcomes) for case in cases))]


def _of_criterion(library: Library, iri: str) -> list[Group]:
    cases = [_case(case, (one.word,)) for case, one in expecting(library).get(iri, ())]
    above = recommendations_above(library, iri)
    return [
        Group("recommendations", "Recommendations that it bears on", tuple(above)),
        Group("worked-cases", "Worked cases that expect its answer", tuple(cases)),
    ]


def _of_policy(library: Library, iri: str) -> list[Group]:
    policy = library.policies[iri]
    counted = sorted(policy.counts, key=lambda one: (library.label(one), one))
    return [Group("counts", "Guidelines that count", tuple(link_to(library, one) for one in counted))]


def _of_score(library: Library, iri: str) -> list[Group]:
    graph = library.graph
    groups = []
    for predicate, title in ((Nec.components, "Components"), (Nec.bands, "Bands")):
        members = graph.list(graph.node(iri, predicate) or "")
        links = [link_to(library, one, _points(library, one)) for one in members if isinstance(one, str)]
        groups.append(Group(local(predicate), title, tuple(links)))
    return groups


def _of_component(library: Library, iri: str) -> list[Group]:
    options = library.graph.list(library.graph.node(iri, Nec.options) or "")
    links = [link_to(library, one, _points(library, one)) for one in options if isinstance(one, str)]
    return [Group("options", "Options", tuple(links))]


def _points(library: Library, iri: str) -> str:
    """What a part of a score counts: the points of an option, the span of a component or band."""
    graph = library.graph
    own = graph.text(iri, Nec.points)
    if own:
        return f"{own} point{'' if own == '1' else 's'}"
    options = graph.list(graph.node(iri, Nec.options) or "")
    points = [int(text) for one in options if isinstance(one, str) and (text := graph.text(one, Nec.points))]
    if points:
        return f"{min(points)} to {max(points)} points"
    ends = [graph.text(iri, end) for end in (Nec.bandFrom, Nec.bandTo)]
    return " to ".join(filter(None, ends))


def _case(case: Written, words: tuple[str, ...]) -> Link:
    kind = "worked-case" if case.iri.startswith(GUIDELINE) else "example"
    note = f"expected: {', '.join(word.replace('-', ' ') for word in words)}" if words else ""
    return Link(case.iri, address_of(case.iri), case.label, kind=kind, note=note)


def recommendations_above(library: Library, iri: str) -> list[Link]:
    """The recommendations on which a criterion bears, by itself or within branches, and as what.

    >>> found = recommendations_above(Library.read(), GUIDELINE + "lumbar-fusion#high-grade-slip")
    >>> found[0].label, found[0].note
    ('Fuse an unstable level, an isthmic slip or a high-grade slip', 'an indication')
    """
    found: dict[str, dict[str, None]] = {}
    asked = [(iri, "")]
    seen: set[str] = set()
    while asked:
        one, how = asked.pop(0)
        if one in seen:
            continue
        seen.add(one)
        for use in known(library).uses.get(one, ()):
            if use.predicate in _HOW:
                found.setdefault(use.owner, {})[f"{how}{_HOW[use.predicate]}"] = None
            elif use.predicate.startswith(SH) and _is_member(library, use, one):
                asked.append((use.owner, "within "))
    ordered = [one.iri for one in library.recommendations if one.iri in found]
    return [link_to(library, one, ", ".join(found[one])) for one in ordered]


def _is_member(library: Library, use: Use, iri: str) -> bool:
    above = library.criteria.compiled.get(use.owner)
    return isinstance(above, Branch) and iri in above.members


_OWN: Final = {
    "guideline": _of_guideline,
    "criterion": _of_criterion,
    "policy": _of_policy,
    "scoring-system": _of_score,
    "score-component": _of_component,
    "banding": _of_score,
}
