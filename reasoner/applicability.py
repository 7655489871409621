"""Whether a policy applies to a request: by the territory, the kind of plan and the procedures that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from reasoner.errors import GuidelineUnknown, PolicyUnfit
from reasoner.policies import Policy, choose, is_about
from reasoner.vocabulary import Case, Nec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from reasoner.library import Library
    from reasoner.record import Item
    from reasoner.terms import Graph


class Applies(StrEnum):
    """Whether something that holds for some requests holds for this one."""

    YES = "applies"
    MAYBE = "may-apply"
    NO = "does-not-apply"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rules a request is made under, as far as it says so."""

    jurisdiction: str | None
    line: str | None


@dataclass(frozen=True, slots=True)
class Applicability:
    """How a policy stands to a request: whether it applies and why, and of which items it does not speak."""

    verdict: Applies
    reasons: tuple[str, ...]
    outside: tuple[str, ...]


_WORDS: Final = (("jurisdiction", "territory"), ("line", "kind of plan"))


def scope_of(graph: Graph, case: str) -> Scope:
    """The territory and the kind of plan that the request of a case names."""
    for request in graph.nodes(case, Case.hasRequest):
        return Scope(graph.node(request, Case.hasJurisdiction), graph.node(request, Case.hasLineOfBusiness))
    return Scope(None, None)


def holds(
    library: Library, scope: Scope, *, holds_in: Iterable[str], holds_for: Iterable[str]
) -> tuple[Applies, tuple[str, ...]]:
    """Whether what holds in some territories and for some kinds of plan holds for a request, and why not or perhaps.

    >>> from reasoner.library import Library
    >>> library = Library.read()
    >>> texas, england = (f"https://w3id.org/spine-reasoner/case#{name}" for name in ("Texas", "England"))
    >>> holds(library, Scope(texas, None), holds_in=[england], holds_for=[])[0].value
    'does-not-apply'
    """
    verdict, reasons = Applies.YES, []
    for (field, word), wanted in zip(_WORDS, (frozenset(holds_in), frozenset(holds_for)), strict=True):
        stated = getattr(scope, field)
        found = _fits(library, stated, wanted)
        if found is Applies.YES:
            continue
        names = ", ".join(sorted(library.label(one) for one in wanted))
        said = f"the request names {library.label(stated)}" if stated else f"the request names no {word}"
        reasons.append(f"holds for {names}; {said}")
        verdict = Applies.NO if Applies.NO in (found, verdict) else Applies.MAYBE
    return verdict, tuple(reasons)


def _fits(library: Library, stated: str | None, wanted: frozenset[str]) -> Applies:
    if not wanted or (stated and wanted & _within(library, stated)):
        return Applies.YES
    if stated is None or any(stated in _within(library, one) for one in wanted):
        return Applies.MAYBE
    return Applies.NO


def _within(library: Library, one: str) -> frozenset[str]:
    """A territory or kind of plan, with those that it is a part of."""
    found = [one]
    while above := library.graph.node(found[-1], Nec.isWithin):
        found.append(above)
    return frozenset(found)


def applicability_of(library: Library, policy: Policy, scope: Scope, items: Sequence[Item]) -> Applicability:
    """How a policy stands to a request with these items."""
    verdict, reasons = holds(library, scope, holds_in=policy.holds_in, holds_for=policy.holds_for)
    outside = tuple(one.id for one in items if not speaks_of_item(library, policy, one))
    if items and len(outside) == len(items):
        verdict = Applies.NO if verdict is Applies.NO else Applies.MAYBE
        reasons = (*reasons, "speaks of none of the procedures requested; they follow professional guidance")
    return Applicability(verdict, reasons, outside)


def speaks_of_item(library: Library, policy: Policy, item: Item) -> bool:
    """Whether a policy speaks of an item's procedure and place."""
    return is_about(policy, item.types, library.anatomy.regions(item.place))


def refuse_unfit(library: Library, policy: Policy, scope: Scope) -> None:
    """Raise PolicyUnfit if a policy certainly does not apply to a request."""
    verdict, reasons = holds(library, scope, holds_in=policy.holds_in, holds_for=policy.holds_for)
    if verdict is Applies.NO:
        raise PolicyUnfit(
            "policy.does-not-apply",
            f"{library.label(policy.iri)} does not apply to this request: it {'; it '.join(reasons)}.",
            mend="Choose another policy, or mend what the request says.",
        )


def first_in_line(
    library: Library, policy: Policy, scope: Scope, items: Sequence[Item], day: date | None
) -> list[tuple[Policy, Applies, tuple[str, ...]]]:
    """The policies that come before one: in force, holding for the request or perhaps, speaking of some items."""
    found: list[tuple[Policy, Applies, tuple[str, ...]]] = []
    for series in policy.yields_to:
        try:
            other = choose(library.graph, library.policies, series, day)
        except (GuidelineUnknown, PolicyUnfit):
            continue  # No edition of it is in force, so it comes before nothing.
        verdict, _ = holds(library, scope, holds_in=other.holds_in, holds_for=other.holds_for)
        spoken = tuple(one.id for one in items if speaks_of_item(library, other, one))
        if spoken and verdict is not Applies.NO:
            found.append((other, verdict, spoken))
    return found


def in_force(library: Library, day: date | None) -> list[Policy]:
    """One edition of every policy series: the one in force on a day, or without a day the latest."""
    series = sorted({one.series for one in library.policies.values()})
    found = []
    for one in series:
        try:
            found.append(choose(library.graph, library.policies, one, day))
        except PolicyUnfit:
            continue  # None of its editions is in force.
    return found
