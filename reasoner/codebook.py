"""The code book: what the ontology says of codes and code families, compiled once into plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from reasoner.anatomy import local
from reasoner.terms import RDF_TYPE, Graph, Literal
from reasoner.vocabulary import DCTERMS, NECESSITY, RDFS, SH, SKOS, Nec

CODE_TYPES: Final = (Nec.ProcedureCode, Nec.SupplyCode)
PER_INTERSPACE: Final = Nec.PerInterspace
PER_OPERATION: Final = Nec.PerOperation
PER_RUN: Final = Nec.PerRun
PER_SEGMENT: Final = Nec.PerSegment
PER_VERTEBRA: Final = Nec.PerVertebra


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what it reports, where, in which families, and beside which others it may stand."""

    iri: str
    name: str
    primary_in: frozenset[str]
    further_in: frozenset[str]
    member_in: frozenset[str]
    reports: frozenset[str]
    includes_work: frozenset[str]
    places: frozenset[str]
    routes: frozenset[str]
    needs: frozenset[str]
    needs_named: tuple[str, ...]
    not_with: frozenset[str]
    replaces: frozenset[str]
    replaced_by: tuple[str, ...]
    instead: tuple[str, ...]
    anchors: frozenset[str]
    used_when: str
    used_for: frozenset[str]
    fit_checked_as: str
    units_from: int | None
    units_to: int | None
    introduced: int | None
    retired: int | None
    is_add_on: bool
    at_same_level: bool
    stands_alone: bool
    is_bundled: bool
    once_per_session: bool

    @property
    def families(self) -> frozenset[str]:
        """Every family that the code belongs to, whatever its part there."""
        return self.primary_in | self.further_in | self.member_in


@dataclass(frozen=True, slots=True)
class Family:
    """The codes that report one kind of work together, and how they count."""

    iri: str
    label: str
    reports: frozenset[str]
    unit: str
    group: str
    precedence: int
    combines: frozenset[str]
    leaves_out: frozenset[str]
    routes: frozenset[str]
    beside: frozenset[str]
    not_beside: frozenset[str]
    used_when: str
    used_for: frozenset[str]
    counts_together: bool
    counts_sides: bool
    primaries: tuple[str, ...]
    further: tuple[str, ...]
    ranged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """The criterion that asks for one kind of code fact, and its sentence about a finding."""

    criterion: str
    template: str


@dataclass(frozen=True, slots=True)
class Codebook:
    """All codes and families, the class tree of procedures, and the criteria that ask about codes."""

    codes: dict[str, Code]
    families: dict[str, Family]
    wider: dict[str, frozenset[str]]
    wider_routes: dict[str, frozenset[str]]
    checks: dict[str, Check]

    @classmethod
    def read(cls, graph: Graph) -> Codebook:
        """Compile the code book from the ontology's graph; with the rooms in it, the criteria are found too.

        >>> Codebook.read(Graph()).codes
        {}
        """
        wider = _closure(graph, RDFS + "subClassOf")
        within = _closure(graph, Nec.isWithinFamily)
        members: dict[str, set[str]] = {}
        iris = sorted(code for kind in CODE_TYPES for code in graph.subjects(RDF_TYPE, kind))
        for iri in iris:
            for link in ("isPrimaryIn", "isFurtherIn", "isMemberOf"):
                for family in graph.nodes(iri, NECESSITY + link):
                    for one in within.get(family, frozenset()) | {family}:
                        members.setdefault(one, set()).add(iri)
        families = {iri: _family(graph, iri, iris) for iri in sorted(graph.subjects(RDF_TYPE, Nec.CodeFamily))}
        return cls(
            codes={iri: _code(graph, iri, members, families) for iri in iris},
            families=families,
            wider=wider,
            wider_routes=_closure(graph, Nec.isNarrowerRouteOf),
            checks=_checks(graph),
        )

    def classes(self, named: Iterable[str]) -> frozenset[str]:
        """The named classes of procedure with every wider one."""
        exact = frozenset(named)
        return exact.union(*(self.wider.get(one, frozenset()) for one in exact))

    def name(self, iri: str) -> str:
        """How a coder calls a code or a family of codes."""
        if iri in self.families:
            return self.families[iri].label
        return self.codes[iri].name if iri in self.codes else local(iri)

    def reported_by(self, family: Family) -> frozenset[str]:
        """The procedure classes that a family reports, those of what it combines among them."""
        parts = (self.families[part].reports for part in family.combines if part in self.families)
        return family.reports.union(*parts)

    def codes_of(self, group: str) -> frozenset[str]:
        """The codes counted by level of all families in one group."""
        return frozenset(
            code
            for family in self.families.values()
            if family.group == group
            for code in (*family.primaries, *family.further)
        )


def _code(graph: Graph, iri: str, members: dict[str, set[str]], families: dict[str, Family]) -> Code:
    def named(link: str) -> frozenset[str]:
        return frozenset(graph.nodes(iri, NECESSITY + link))

    def yes(link: str) -> bool:
        return graph.text(iri, NECESSITY + link) == "true"

    def number(link: str) -> int | None:
        text = graph.text(iri, NECESSITY + link)
        return int(text) if text else None

    def is_first(code: str) -> bool:
        return bool(graph.nodes(code, Nec.isPrimaryIn)) or not graph.nodes(code, Nec.isFurtherIn)

    def spread(link: str, *, primaries_only: bool) -> frozenset[str]:
        found: set[str] = set()
        for one in named(link):
            if one not in members:
                found.add(one)
            else:
                found |= {code for code in members[one] if not primaries_only or is_first(code)}
        return frozenset(found - {iri})

    primary_in, further_in, member_in = named("isPrimaryIn"), named("isFurtherIn"), named("isMemberOf")
    homes = [families[one] for one in sorted(primary_in | further_in | member_in) if one in families]
    whole = [families[part] for home in homes for part in home.combines if part in families]
    whole += [one for one in families.values() if one.combines & {home.iri for home in homes}]
    return Code(
        iri=iri,
        name=graph.text(iri, SKOS + "notation") or local(iri),
        primary_in=primary_in,
        further_in=further_in,
        member_in=member_in,
        reports=named("reports").union(*(home.reports for home in homes + whole)),
        includes_work=named("includesWork"),
        places=named("reportsIn"),
        routes=named("byRoute").union(*(home.routes for home in homes)),
        needs=spread("needsPrimary", primaries_only=True),
        needs_named=tuple(sorted(named("needsPrimary"))),
        not_with=spread("notWith", primaries_only=False),
        replaces=named("replaces"),
        replaced_by=tuple(sorted(graph.nodes(iri, DCTERMS + "isReplacedBy"))),
        instead=tuple(sorted(named("usesInstead"))),
        anchors=named("needsAnchorAt"),
        used_when=graph.text(iri, Nec.usedWhen),
        used_for=named("usedFor"),
        fit_checked_as=graph.node(iri, Nec.fitCheckedAs) or Nec.CodeMatch,
        units_from=number("unitsFrom"),
        units_to=number("unitsTo"),
        introduced=number("introducedIn"),
        retired=number("retiredSince"),
        is_add_on=yes("isAddOn"),
        at_same_level=yes("primaryAtSameLevel"),
        stands_alone=yes("standsAlone"),
        is_bundled=yes("isBundled"),
        once_per_session=yes("oncePerSession"),
    )


def _family(graph: Graph, iri: str, codes: list[str]) -> Family:
    def named(link: str) -> frozenset[str]:
        return frozenset(graph.nodes(iri, NECESSITY + link))

    def members(link: str, *, ranged: bool = False) -> tuple[str, ...]:
        return tuple(
            code
            for code in codes
            if iri in graph.nodes(code, NECESSITY + link)
            and (not ranged or graph.value(code, Nec.unitsFrom) is not None)
        )

    return Family(
        iri=iri,
        label=graph.text(iri, SKOS + "prefLabel"),
        reports=named("reports"),
        unit=graph.node(iri, Nec.countsUnit) or PER_OPERATION,
        group=graph.node(iri, Nec.inRunGroup) or iri,
        precedence=int(graph.text(iri, Nec.precedence) or 0),
        combines=named("combines"),
        leaves_out=named("leavesOut"),
        routes=named("byRoute"),
        beside=named("usedBeside"),
        not_beside=named("notBeside"),
        used_when=graph.text(iri, Nec.usedWhen),
        used_for=named("usedFor"),
        counts_together=graph.text(iri, Nec.countsTogether) == "true",
        counts_sides=graph.text(iri, Nec.countsSides) == "true",
        primaries=members("isPrimaryIn"),
        further=members("isFurtherIn"),
        ranged=members("isMemberOf", ranged=True),
    )


def _checks(graph: Graph) -> dict[str, Check]:
    """Find the leaf that asks for each kind of code fact."""
    found: dict[str, Check] = {}
    for criterion in graph.subjects(SH + "path", Nec.hasCodeFact):
        shape = graph.node(criterion, SH + "qualifiedValueShape")
        kind = graph.node(shape, SH + "class") if shape else None
        if kind:
            templates = graph.objects(criterion, Nec.findingTemplate)
            text = next((one.lexical for one in templates if isinstance(one, Literal)), "")
            found[kind] = Check(criterion, text)
    return found


def _closure(graph: Graph, link: str) -> dict[str, frozenset[str]]:
    """For each subject of a link, everything reached by following it."""
    reached: dict[str, frozenset[str]] = {}
    for start in graph.subjects(link):
        seen: set[str] = set()
        waiting = list(graph.nodes(start, link))
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting.extend(graph.nodes(one, link))
        reached[start] = frozenset(seen)
    return reached
