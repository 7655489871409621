"""Why and why not, in full: for every item a tree from recommendations down to statements, what is not met included.

Whatever is alike is told once. A branch (a criterion with its answer, its parts and its evidence) is
one row of a table however many items it answers alike, and a tree names rows by their number; so
are criteria, statements and claims. A tree of ten thousand answers comes to a thousand rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from reasoner.answers import Answer
from reasoner.criteria import Branch
from reasoner.demands import Standing
from reasoner.evidence import statement_of
from reasoner.library import guideline_name
from reasoner.sources import claim_of
from reasoner.vocabulary import SH, SKOS, Nec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.criteria import Finding, ValueFinding
    from reasoner.determine import DecidedItem, Decision
    from reasoner.judging import Judged

Json = dict[str, Any]

_ORDER: Final = {Standing.PASSES: 0, Standing.OPEN: 1, Standing.FAILS: 2}


def tree_of(decision: Decision) -> Json:
    """The tree of every item, with the branches, criteria, statements and claims that it names.

    A recommendation of which no indication is met or open is told by its indications alone: without
    a reason for it, its conditions are no question.

    >>> from reasoner import Library, determine
    >>> library = Library.read()
    >>> data = (library.root / "examples" / "l2-burst-metastasis.ttl").read_bytes()
    >>> sorted(tree_of(determine(library, data).decision))
    ['branches', 'claims', 'criteria', 'items', 'statements']
    """
    tables = _Tables(decision)
    return {
        "items": {one.item.id: _item(one, tables) for one in decision.items},
        "branches": list(tables.branches.values()),
        "criteria": tables.criteria,
        "statements": tables.statements,
        "claims": {claim: claim_of(decision, claim) for claim in sorted(tables.claims)},
    }


@dataclass(slots=True)
class _Tables:
    """What the trees of a decision share; a branch by all that it says, so that two alike are one."""

    decision: Decision
    branches: dict[tuple[object, ...], Json] = field(default_factory=dict)
    numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    known: dict[int, int] = field(default_factory=dict)
    criteria: dict[str, Json] = field(default_factory=dict)
    statements: dict[str, Json] = field(default_factory=dict)
    claims: set[str] = field(default_factory=set)


def _item(one: DecidedItem, tables: _Tables) -> list[Json]:
    counted = [_recommendation(judged, tables, counts=True) for judged in one.judged]
    return counted + [_recommendation(judged, tables, counts=False) for judged in one.set_aside]


def _recommendation(judged: Judged, tables: _Tables, *, counts: bool) -> Json:
    one, library = judged.effective.recommendation, tables.decision.library
    asked = counts and judged.verdict.indicated is not Answer.NOT_MET
    return {
        "recommendation": one.iri,
        "label": library.label(one.iri),
        "guideline": guideline_name(one.iri),
        "text": library.definition(one.iri),
        "direction": "for" if one.speaks_for else "against",
        "answer": judged.verdict.answer.value,
        "indicated": judged.verdict.indicated.value,
        "fit": judged.verdict.fit.value,
        "counts": counts,
        "indications": _numbers(judged.indications, tables),
        "prerequisites": [
            {"branch": _number(prerequisite, tables), "waivers": _numbers(waivers, tables)}
            for prerequisite, waivers in (judged.prerequisites if asked else ())
        ],
        "exclusions": _numbers(judged.exclusions if asked else (), tables),
        "considerations": _numbers(judged.considerations if asked else (), tables),
    }


def _numbers(findings: Iterable[Finding], tables: _Tables) -> list[int]:
    return [_number(finding, tables) for finding in findings]


def _number(finding: Finding, tables: _Tables) -> int:
    """The number of a finding's branch, which is written if there is none like it yet."""
    seen = tables.known.get(id(finding))
    if seen is not None:
        return seen
    parts = _numbers(finding.children, tables)
    evidence = _evidence(finding, tables)
    told = tuple((one["node"], one["standing"], one["disputed"], *one["lacking"]) for one in evidence)
    key = (finding.criterion, finding.answer, tuple(parts), told)
    if key not in tables.branches:
        _tell(finding.criterion, tables)
        tables.numbers[key] = len(tables.branches)
        tables.branches[key] = {
            "criterion": finding.criterion,
            "answer": finding.answer.value,
            "of": parts,
            "evidence": evidence,
        }
    # The decision keeps its findings alive, so that an address stays theirs.
    tables.known[id(finding)] = tables.numbers[key]
    return tables.numbers[key]


def _tell(criterion: str, tables: _Tables) -> None:
    """Write a criterion into its table, once."""
    if criterion in tables.criteria:
        return
    library = tables.decision.library
    graph, compiled = library.graph, library.criteria.compiled[criterion]
    claims = sorted(set(graph.nodes(criterion, Nec.restsOn)))
    tables.claims.update(claims)
    tables.criteria[criterion] = {
        "label": library.label(criterion),
        "notation": graph.text(criterion, SKOS + "notation"),
        "guideline": guideline_name(criterion),
        "text": library.definition(criterion),
        "message": graph.text(criterion, SH + "message"),
        "fold": compiled.fold if isinstance(compiled, Branch) else None,
        "claims": claims,
    }


def _evidence(finding: Finding, tables: _Tables) -> list[Json]:
    """The statements that a leaf was answered from, each once, those that pass first."""
    decision = tables.decision
    rows: dict[str, Json] = {}
    for value in sorted(finding.values, key=lambda one: _ORDER[one.standing]):
        node = decision.record.stated_as(value.node)
        if node in rows:
            continue
        if node not in tables.statements:
            tables.statements[node] = statement_of(decision, node)
        rows[node] = {
            "node": node,
            "standing": value.standing.value,
            "disputed": value.in_conflict,
            "lacking": _lacking(decision, value),
        }
    return list(rows.values())


def _lacking(decision: Decision, value: ValueFinding) -> list[str]:
    """What the statement would have to say, or say otherwise, as a reader is told it."""
    library = decision.library
    named = dict.fromkeys(path for path in value.lacking if not path.startswith("_:"))
    return [library.graph.text(path, Nec.missedAs) or library.label(path) for path in named]
