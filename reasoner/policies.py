"""Policies: which guidelines count and what they ask beyond, of whom they speak, and which edition is in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from reasoner.answers import Silence
from reasoner.errors import GuidelineMalformed, GuidelineUnknown, PolicyUnfit
from reasoner.terms import RDF_TYPE, Graph, Literal
from reasoner.vocabulary import POLICY, SKOS, Nec

_EARLIEST: Final = date.min
_LABEL: Final = SKOS + "prefLabel"


@dataclass(frozen=True, slots=True)
class Policy:
    """One edition of a policy: which guidelines count, what they ask beyond or less than they print, for whom, when."""

    iri: str
    series: str
    counts: frozenset[str]
    requires: frozenset[str]
    considers: frozenset[str]
    sets_aside: frozenset[str]
    settles: frozenset[str]
    silence: Silence
    edition: date | None
    effective_from: date | None
    effective_until: date | None
    holds_in: frozenset[str]
    holds_for: frozenset[str]
    concerns: frozenset[str]
    regions: frozenset[str]
    yields_to: tuple[str, ...]
    is_default: bool

    def is_in_force(self, day: date) -> bool:
        """Whether a day lies within its effective dates; an end that is not given is open."""
        return (self.effective_from or day) <= day <= (self.effective_until or day)


def read_policies(graph: Graph) -> dict[str, Policy]:
    """Every policy that can be chosen, by its IRI."""
    every = frozenset(graph.subjects(RDF_TYPE, Nec.Guideline))
    return {iri: _policy(graph, iri, every) for iri in graph.subjects(RDF_TYPE, Nec.Policy)}


def choose(graph: Graph, policies: Mapping[str, Policy], name: str | None, day: date | None) -> Policy:
    """The edition that a name stands for on a day: of a series the one in force, without a day the latest.

    The name of one edition among several pins it, whatever the day. Raises GuidelineUnknown for an
    unknown name, PolicyUnfit if no edition is in force or the policy cannot be checked.
    """
    wanted = (
        _series_of_default(policies) if name is None else name if name in _known(graph, policies) else POLICY + name
    )
    if wanted in graph.subjects(RDF_TYPE, Nec.UncheckablePolicy):
        raise _uncheckable(graph, wanted)
    editions = editions_of(policies, wanted)
    if not editions and wanted in policies:
        return policies[wanted]
    if not editions:
        known = ", ".join(sorted(iri.removeprefix(POLICY) for iri in _known(graph, policies)))
        raise GuidelineUnknown("policy.unknown", f"There is no policy {name!r}.", mend=f"Use one of: {known}.")
    if day is None:
        return editions[-1]
    fitting = [one for one in editions if one.is_in_force(day)]
    if not fitting:
        raise PolicyUnfit(
            "policy.not-in-force",
            f"No edition of {wanted.removeprefix(POLICY)} is in force on {day}.",
            mend=f"There are: {'; '.join(map(dates_of, editions))}. Ask as of another day, or name an edition.",
        )
    return fitting[-1]


def editions_of(policies: Mapping[str, Policy], series: str) -> list[Policy]:
    """The editions of a series, the earliest first."""
    found = [one for one in policies.values() if one.series == series]
    return sorted(found, key=lambda one: (one.effective_from or one.edition or _EARLIEST, one.iri))


def dates_of(policy: Policy) -> str:
    """The name of an edition and from when until when it is in force.

    >>> from reasoner.library import Library
    >>> dates_of(Library.read().policy(None))
    'default, always in force'
    """
    name = policy.iri.removeprefix(POLICY)
    if policy.effective_from is None and policy.effective_until is None:
        return f"{name}, always in force"
    start = f" from {policy.effective_from}" if policy.effective_from else ""
    end = f" until {policy.effective_until}" if policy.effective_until else ""
    return f"{name},{start}{end}"


def _known(graph: Graph, policies: Mapping[str, Policy]) -> set[str]:
    return {*policies, *(one.series for one in policies.values()), *graph.subjects(RDF_TYPE, Nec.UncheckablePolicy)}


def _series_of_default(policies: Mapping[str, Policy]) -> str:
    series = {one.series for one in policies.values() if one.is_default}
    if len(series) != 1:
        raise GuidelineMalformed("policy.no-default", "Not exactly one policy is marked as the default.")
    return series.pop()


def _uncheckable(graph: Graph, iri: str) -> PolicyUnfit:
    name = graph.text(iri, _LABEL)
    held = ", ".join(graph.text(one, _LABEL) for one in graph.nodes(iri, Nec.criteriaHeldIn))
    return PolicyUnfit(
        "policy.not-checkable",
        f"{name} cannot be checked: its criteria stand in {held}, which is not open to readers.",
        mend="Choose a policy whose text can be read; no rule is rebuilt from what others say of one.",
    )


def _policy(graph: Graph, iri: str, every: frozenset[str]) -> Policy:
    def day(predicate: str) -> date | None:
        value = graph.value(iri, predicate)
        return value.day if isinstance(value, Literal) else None

    def named(predicate: str) -> frozenset[str]:
        return frozenset(graph.nodes(iri, predicate))

    counted = every if Nec.EveryGuideline in named(Nec.counts) else named(Nec.counts)
    return Policy(
        iri,
        series=graph.node(iri, Nec.isEditionOf) or iri,
        counts=counted - named(Nec.setsAside),
        requires=named(Nec.requires),
        considers=named(Nec.considers),
        sets_aside=named(Nec.setsAside),
        settles=named(Nec.settles),
        silence=Silence(
            indication_refuses=graph.node(iri, Nec.silentIndication) == Nec.Refuses,
            prerequisite_refuses=graph.node(iri, Nec.silentPrerequisite) == Nec.Refuses,
        ),
        edition=day(Nec.edition),
        effective_from=day(Nec.effectiveFrom),
        effective_until=day(Nec.effectiveUntil),
        holds_in=named(Nec.holdsIn),
        holds_for=named(Nec.holdsFor),
        concerns=named(Nec.concerns),
        regions=named(Nec.appliesIn),
        yields_to=tuple(graph.nodes(iri, Nec.yieldsTo)),
        is_default=graph.text(iri, Nec.isDefault) == "true",
    )


def is_about(policy: Policy, classes: Iterable[str], regions: frozenset[str]) -> bool:
    """Whether a policy speaks of something of these classes in these regions; one without a subject speaks of all."""
    spoken = not policy.concerns or bool(policy.concerns & frozenset(classes))
    return spoken and (not policy.regions or not regions or bool(policy.regions & regions))


def unaltered(policy: Policy) -> Policy:
    """A policy without its own demands: what it is to a request that it does not speak of."""
    return replace(policy, requires=frozenset(), considers=frozenset(), sets_aside=frozenset())
