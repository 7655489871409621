"""What the pages offer to choose from: policies with their editions and how their text was read, and the seed cases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyoxigraph

from api.linked.addresses import address_of
from reasoner.anatomy import local
from reasoner.policies import dates_of, editions_of
from reasoner.sourcing import verdict_of
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import SKOS, Case, Nec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.library import Library
    from reasoner.policies import Policy

_SUFFIX: Final = ".ttl"


@dataclass(frozen=True, slots=True)
class PolicyOffer:
    """One name under which a policy can be chosen, and what a person should know of it first."""

    name: str
    label: str
    about: str
    dates: str
    note: str = ""
    """What of its text is not encoded."""
    verdict: str = ""
    """How its text was read, in a word: verified, unverified; empty where it has no text but ours."""
    reason: str = ""
    address: str = ""
    can_be_chosen: bool = True


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """Policies that stand together: the default, the editions of a series, the rest."""

    label: str
    offers: tuple[PolicyOffer, ...]


@dataclass(frozen=True, slots=True)
class Seed:
    """A published case to start from."""

    name: str
    label: str
    about: str = ""


@lru_cache(maxsize=4)
def policies_of(library: Library) -> tuple[PolicyGroup, ...]:
    """Every policy that can be named, the default first, then the series with their editions, then the single ones.

    >>> from reasoner import Library
    >>> policies_of(Library.read())[0].offers[0].label
    'Professional guidance'
    """
    series: dict[str, list[Policy]] = {}
    for one in library.policies.values():
        series.setdefault(one.series, []).append(one)
    default = next(one for one in library.policies.values() if one.is_default)
    ours = [default, *_sorted(library, (one for one in library.policies.values() if _is_ours(library, one)))]
    groups = [PolicyGroup("This project", tuple(_offer(library, one) for one in dict.fromkeys(ours)))]
    single: list[Policy] = []
    for name, members in sorted(series.items(), key=lambda one: library.label(one[0]).casefold()):
        if name in library.policies:
            single += [one for one in members if one not in ours]
        else:
            groups.append(PolicyGroup(library.label(name), _editions(library, name)))
    groups.append(PolicyGroup("One edition each", tuple(_offer(library, one) for one in _sorted(library, single))))
    closed = tuple(_closed(library, iri) for iri in sorted(library.graph.subjects(RDF_TYPE, Nec.UncheckablePolicy)))
    return (*groups, PolicyGroup("Cannot be checked", closed)) if closed else tuple(groups)


def offer_named(library: Library, name: str) -> PolicyOffer:
    """The policy of that name; the default one for a name that cannot be chosen."""
    every = [one for group in policies_of(library) for one in group.offers if one.can_be_chosen]
    return next((one for one in every if one.name == name), every[0])


@lru_cache(maxsize=4)
def seeds_of(library: Library) -> tuple[Seed, ...]:
    """The published cases that come with the knowledge, by name.

    >>> from reasoner import Library
    >>> [one.name for one in seeds_of(Library.read())][-1]
    't12-destructive-mass'
    """
    return tuple(
        Seed(path.stem, _case_label(path.read_bytes()) or path.stem)
        for path in sorted((library.root / "examples").glob(f"*{_SUFFIX}"))
    )


def seed_text(library: Library, name: str) -> str | None:
    """The text of a seed; None if there is none of that name."""
    known = {one.name for one in seeds_of(library)}
    return (library.root / "examples" / f"{name}{_SUFFIX}").read_text(encoding="utf-8") if name in known else None


def _case_label(data: bytes) -> str:
    quads = list(pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE, base_iri="urn:seed"))
    cases = {quad.subject for quad in quads if quad.predicate.value == RDF_TYPE and quad.object.value == Case.Case}
    labels = (quad.object.value for quad in quads if quad.subject in cases and quad.predicate.value == Case.label)
    return str(next(labels, ""))


def _editions(library: Library, series: str) -> tuple[PolicyOffer, ...]:
    """A series by its own name, which takes the edition in force, and then each edition, the latest first."""
    editions = editions_of(library.policies, series)
    whole = PolicyOffer(
        local(series),
        f"{library.label(series)}: the edition in force",
        library.definition(series),
        "; ".join(map(dates_of, editions)),
        reason="Takes the edition in force on the day asked about, or the latest. Each edition says how it was read.",
        address=address_of(series),
    )
    return (whole, *(_offer(library, one) for one in reversed(editions)))


def _offer(library: Library, policy: Policy) -> PolicyOffer:
    verdict = verdict_of(library, policy.iri) if library.graph.nodes(policy.iri, Nec.hasAppraisal) else None
    reasons = (library.graph.text(one, Nec.reason) for one in library.graph.nodes(policy.iri, Nec.hasAppraisal))
    return PolicyOffer(
        local(policy.iri),
        library.label(policy.iri),
        library.definition(policy.iri),
        dates_of(policy).partition(", ")[2].strip(),
        library.graph.text(policy.iri, SKOS + "editorialNote"),
        library.label(verdict) if verdict else "",
        " ".join(reasons),
        address_of(policy.iri),
    )


def _closed(library: Library, iri: str) -> PolicyOffer:
    held = ", ".join(library.label(one) for one in library.graph.nodes(iri, Nec.criteriaHeldIn))
    return PolicyOffer(
        local(iri),
        library.label(iri),
        library.definition(iri),
        "",
        library.graph.text(iri, SKOS + "editorialNote"),
        "not checkable",
        f"Its criteria stand in {held}, which is not open to readers; no rule is rebuilt from what others say of it.",
        address_of(iri),
        can_be_chosen=False,
    )


def _is_ours(library: Library, policy: Policy) -> bool:
    """Whether a policy is no payer's and no authority's, but a way to read the guidelines here."""
    return not library.graph.nodes(policy.iri, Nec.hasAppraisal)


def _sorted(library: Library, policies: Iterable[Policy]) -> list[Policy]:
    return sorted(policies, key=lambda one: (library.label(one.iri).casefold(), one.iri))
