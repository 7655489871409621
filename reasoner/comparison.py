"""One case under several policies side by side: what each says of every item, and the claims that make them differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from reasoner.answers import Answer
from reasoner.determine import decide
from reasoner.errors import GuidelineUnknown, PolicyUnfit
from reasoner.explanation import NOTICE, levels_of
from reasoner.frame import applicability, policy_of
from reasoner.ledger import reasons_between
from reasoner.library import guideline_name
from reasoner.reach import grounds_of, run_name, services_of
from reasoner.sources import claim_of, ground_of
from reasoner.vocabulary import POLICY, SKOS, Nec
from reasoner.vocabulary import Case as CaseTerm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from reasoner.case import Case
    from reasoner.determine import DecidedItem, Decision
    from reasoner.library import Library

Json = dict[str, Any]

LEAST: Final = 2
MOST: Final = 6
"""Policies that can be read side by side."""

_SILENCE: Final = "It takes what the record does not say otherwise."
_SETTLING: Final = "It settles contradictions in the record otherwise."


def comparison_of(
    library: Library,
    case: Case,
    policies: Sequence[str],
    *,
    policy_date: date | None = None,
    evidence_until: date | None = None,
) -> Json:
    """A case under each of some policies, and how every one differs from the first that can be used.

    A policy that is unknown, not in force, not open to readers or not made for such a request is a
    column with its reason. Raises PolicyUnfit if too few or too many are named, OntologyInconsistent
    if the case contradicts an axiom.

    >>> from reasoner import Library, read_case
    >>> library = Library.read()
    >>> data = (library.root / "examples" / "l2-burst-metastasis.ttl").read_bytes()
    >>> found = comparison_of(library, read_case(data, schema=library.schema), ["default", "mcg"])
    >>> [column["refused"] and column["refused"]["code"] for column in found["columns"]]
    [None, 'policy.not-checkable']
    """
    names = list(dict.fromkeys(policies))
    if not LEAST <= len(names) <= MOST:
        told = f"{len(names)} different {'policy is' if len(names) == 1 else 'policies are'} named."
        raise PolicyUnfit("comparison.count", told, mend=f"Name {LEAST} to {MOST}.")
    decided: dict[str, Decision] = {}
    refused: dict[str, Json] = {}
    for name in names:
        try:
            decided[name] = decide(library, case, policy=name, policy_date=policy_date, evidence_until=evidence_until)
        except (GuidelineUnknown, PolicyUnfit) as error:
            refused[name] = {"code": error.code, "what": error.what, "mend": error.mend}
    base = next(iter(decided.values()), None)
    columns = [
        _column(name, decided[name], base or decided[name])
        if name in decided
        else _refused(library, name, refused[name])
        for name in names
    ]
    named = sorted({claim for column in columns for row in column["differs"] for claim in _claims(row)})
    return {
        "notice": NOTICE,
        "case": {"label": case.graph.text(case.iri, CaseTerm.label), "hash": case.hash},
        "asOf": _day(base.policy_date if base else policy_date),
        "evidenceUntil": _day(base.evidence_until if base else evidence_until),
        "base": next((name for name in names if name in decided), None),
        "columns": columns,
        "items": _rows(names, decided),
        "claims": {claim: claim_of(base, claim) for claim in named} if base else {},
    }


def _column(name: str, decision: Decision, base: Decision) -> Json:
    ground = ground_of(decision)
    return {
        "name": name,
        "refused": None,
        "policy": policy_of(decision),
        "about": decision.library.definition(decision.policy.iri),
        "applicability": applicability(decision),
        "outcome": decision.outcome.value,
        "action": decision.action.value,
        "ground": {"strength": ground["strength"], "text": ground["text"]},
        "differs": list(_differences(base, decision)),
    }


def _refused(library: Library, name: str, why: Json) -> Json:
    """A policy under which nothing was decided, with the reason."""
    iri = name if name in library.graph.index else POLICY + name
    return {
        "name": name,
        "refused": why,
        "policy": {"id": name, "label": library.label(iri)},
        "about": library.definition(iri),
        "applicability": None,
        "outcome": None,
        "action": None,
        "ground": None,
        "differs": [],
    }


def _rows(names: Sequence[str], decided: dict[str, Decision]) -> list[Json]:
    """Every item with what comes out for it under each policy; None where a policy was refused."""
    outcomes: dict[str, dict[str, Json]] = {}
    rows: dict[str, Json] = {}
    for name, decision in decided.items():
        for one in decision.items:
            rows.setdefault(
                one.item.iri,
                {
                    "id": one.item.id,
                    "procedure": decision.library.label(one.item.procedure),
                    "levels": levels_of(decision, one),
                    "side": decision.library.label(one.item.side) if one.item.side else None,
                    "principal": one in decision.principal,
                },
            )
            outcomes.setdefault(one.item.iri, {})[name] = {"outcome": one.outcome.value, "grounds": grounds_of(one)}
    return [
        {
            **row,
            "outcomes": [outcomes[iri].get(name) for name in names],
            "differs": len({json.dumps(one) for one in outcomes[iri].values()}) > 1,
        }
        for iri, row in rows.items()
    ]


def _differences(base: Decision, other: Decision) -> Iterator[Json]:
    """Where a policy comes out otherwise than the first one and why; levels that differ alike are told once."""
    before = {one.item.iri: one for one in base.items}
    differing = [one for one in other.items if one.item.iri in before and _state(one) != _state(before[one.item.iri])]
    for service in services_of(other):
        groups: dict[str, list[tuple[DecidedItem, list[Json]]]] = {}
        for one in differing:
            if one.item.service == service:
                because = reasons_between(base, before[one.item.iri], one)
                key = json.dumps([_state(before[one.item.iri]), _state(one), because])
                groups.setdefault(key, []).append((one, because))
        for members in groups.values():
            (one, because), was = members[0], before[members[0][0].item.iri]
            yield {
                "items": [each.item.id for each, _ in members],
                "procedure": other.library.label(one.item.procedure),
                "levels": run_name(other, [each for each, _ in members]),
                "outcome": one.outcome.value,
                "grounds": grounds_of(one),
                "insteadOf": {"outcome": was.outcome.value, "grounds": grounds_of(was)},
                "because": sorted((_worded(other.library, row) for row in because), key=_weight),
                "moved": [] if because else _moved(other.library, was, one),
                "otherwise": _readings(base, other),
            }


def _state(one: DecidedItem) -> tuple[str, str | None]:
    return one.outcome.value, grounds_of(one)


def _worded(library: Library, row: Json) -> Json:
    """A reason of the ledger with the text of what is asked or counted, and the room that prints it."""
    iri = row.get("criterion") or row["recommendation"]
    return {
        "term": iri,
        "label": row["label"],
        "text": library.definition(iri),
        "guideline": guideline_name(iri),
        "notation": library.graph.text(iri, SKOS + "notation"),
        "kind": "criterion" if "criterion" in row else "recommendation",
        "answer": row.get("answer"),
        "byOther": (row.get("askedBy") or row["countedBy"]) == "other",
        "claims": row["claims"],
    }


def _weight(row: Json) -> int:
    """Recommendations first, then what is not met, then what is open."""
    return 0 if row["answer"] is None else 1 if row["answer"] == Answer.NOT_MET else 2


def _moved(library: Library, before: DecidedItem, after: DecidedItem) -> list[Json]:
    """The criteria that both ask of an item and that come out otherwise, as what they rest on does."""
    was, now = _answers(before), _answers(after)
    return [
        {
            "term": criterion,
            "label": library.label(criterion),
            "text": library.definition(criterion),
            "guideline": guideline_name(criterion),
            "notation": library.graph.text(criterion, SKOS + "notation"),
            "answer": now[criterion],
            "insteadOf": was[criterion],
            "claims": library.graph.nodes(criterion, Nec.restsOn),
        }
        for criterion in was
        if criterion in now and was[criterion] != now[criterion]
    ]


def _answers(one: DecidedItem) -> dict[str, str]:
    """What every recommendation about an item asks as a reason, a condition or an exclusion, with its answer."""
    return {
        finding.criterion: finding.answer.value
        for judged in one.judged
        for finding in (*judged.indications, *(each for each, _ in judged.prerequisites), *judged.exclusions)
    }


def _readings(base: Decision, other: Decision) -> list[str]:
    """How two policies read one record otherwise, which can part them with no criterion between them."""
    told = []
    if base.policy.silence != other.policy.silence:
        told.append(_SILENCE)
    if base.policy.settles != other.policy.settles:
        told.append(_SETTLING)
    return told


def _claims(row: Json) -> Iterator[str]:
    for reason in (*row["because"], *row["moved"]):
        yield from reason["claims"]


def _day(value: object) -> str | None:
    return None if value is None else str(value)
