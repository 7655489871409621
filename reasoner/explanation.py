"""Why, why not, what is missing: a decision told as plain data, from which every report and the JSON are printed."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from reasoner.advice import COUNTED_HERE, advisories_of, alternatives_of, carrying, needs_of
from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.column import spine_of
from reasoner.determination import Outcome
from reasoner.evidence import (
    describe,
    document_of,
    documents_of,
    evidence_of,
    is_spoken_to,
    leaves_of,
    parts_of,
    set_aside_from,
    statement_of,
)
from reasoner.frame import applicability, policy_of
from reasoner.library import guideline_name
from reasoner.reach import approvable_of, coverage_of, grounds_of, group, requested_of, services_of, uncovered_of
from reasoner.sources import appraisals_of_documents, claims_of, ground_of
from reasoner.unwritten import awaiting_items, awaits_proof, proofs_of, spoken_documents
from reasoner.vocabulary import SH, SKOS, Case, Nec, Spine

if TYPE_CHECKING:
    from reasoner.criteria import Finding
    from reasoner.determine import DecidedItem, Decision
    from reasoner.judging import Judged
    from reasoner.record import Conflict

__all__ = ["NOTICE", "alternatives_of", "describe", "documents_of", "engine_version", "explain", "explain_item"]

Json = dict[str, Any]

NOTICE: Final = "Decision support: a person decides. Nothing here is refused automatically."


def explain(decision: Decision) -> Json:
    """Tell a decision as plain data; keys and order are those of the published schema."""
    record = decision.record
    told: dict[str, Json] = {}
    items = [explain_item(decision, one, told) for one in decision.items]
    stays = {one.item.id for one in decision.items if one.item.grain == Nec.ByStay}
    principal = {one.item.id for one in decision.principal}
    return {
        "notice": NOTICE,
        "case": {"label": record.graph.text(record.case, Case.label), "iri": record.case},
        "policy": policy_of(decision),
        "applicability": applicability(decision),
        "asOf": _day(decision.policy_date),
        "evidenceUntil": _day(decision.evidence_until),
        "review": _review(decision),
        "outcome": decision.outcome.value,
        "action": decision.action.value,
        "ground": ground_of(decision),
        "requested": [requested_of(decision, service) for service in services_of(decision)],
        "approved": group(decision, principal, Outcome.NECESSARY),
        "refused": group(decision, principal, Outcome.NOT_NECESSARY),
        "pending": group(decision, principal, Outcome.UNDETERMINED),
        "beside": [
            one
            for outcome in (Outcome.NOT_NECESSARY, Outcome.UNDETERMINED)
            for one in group(decision, {one.item.id for one in decision.items} - principal - stays, outcome)
        ],
        "pendingProof": awaiting_items(decision),
        "uncovered": [uncovered_of(decision, one) for one in decision.uncovered],
        "items": items,
        "spine": spine_of(decision),
        "setting": [{key: item[key] for key in _SETTING} for item in items if item["id"] in stays],
        "coding": coding_of(decision),
        "needs": needs_of(decision) + proofs_of(decision),
        "advisories": advisories_of(decision),
        "conflicts": [_conflict(decision, one) for one in record.conflicts],
        "setAside": [
            {"statement": record.name(one.node), "node": one.node, "reason": one.reason, "by": record.name(one.by)}
            for one in record.set_aside
        ],
        "scores": _scores(decision),
        "coverage": coverage_of(decision),
        "approvable": approvable_of(decision),
        "alternatives": alternatives_of(decision),
        "appraisals": appraisals_of_documents(decision),
        "documents": [
            document_of(decision, document) for document in record.graph.nodes(record.case, Case.hasDocument)
        ],
        "claims": claims_of(decision, items),
        "provenance": {
            "caseHash": decision.case.hash,
            "knowledgeHash": decision.library.hash,
            "engineVersion": engine_version(),
        },
    }


_SETTING: Final = ("id", "procedure", "outcome", "grounds", "because", "against", "open", "considerations")


@cache
def engine_version() -> str:
    """The version of the installed engine."""
    try:
        return version("spine-reasoner")
    except PackageNotFoundError:
        return "unreleased"


def _day(value: object) -> str | None:
    return None if value is None else str(value)


def _review(decision: Decision) -> Json:
    record = decision.record
    found: Json = {"kind": None, "urgency": None}
    for request in record.graph.nodes(record.case, Case.hasRequest):
        kind, urgency = record.graph.node(request, Case.hasReviewKind), record.graph.node(request, Case.hasUrgency)
        found = {"kind": local(kind).lower() if kind else None, "urgency": local(urgency).lower() if urgency else None}
    return found


def explain_item(decision: Decision, one: DecidedItem, told: dict[str, Json] | None = None) -> Json:
    """One item: its outcome, the criteria that decided it, and what every recommendation says."""
    lead = carrying(one)
    rows = _Rows(decision, one, {} if told is None else told)
    for judged in lead:
        rows.read(judged)
    carried = {judged.verdict.recommendation for judged in lead}
    others = [judged for judged in one.judged if judged.verdict.recommendation not in carried]
    return {
        "id": one.item.id,
        "procedure": decision.library.label(one.item.procedure),
        "procedureIri": one.item.procedure,
        "levels": levels_of(decision, one),
        "side": local(one.item.side).lower() if one.item.side else None,
        "codes": [local(code) for code in one.item.codes],
        "principal": one.item.is_principal,
        "outcome": one.outcome.value,
        "grounds": grounds_of(one),
        "service": one.item.service,
        "isVague": one.is_vague,
        "isPlaceless": one.item.is_placeless,
        "partOf": one.part_of,
        "recommendations": [_verdict(decision, judged) for judged in one.judged],
        "setAside": [_verdict(decision, judged) for judged in one.set_aside],
        "because": rows.because,
        "against": rows.spoken,
        "open": rows.missing,
        "considerations": rows.considerations,
        "silent": rows.silent,
        "openReasons": rows.open_reasons,
        "openRoutes": [
            _verdict(decision, judged)
            for judged in others
            if judged.verdict.speaks_for and judged.verdict.answer.is_open
        ],
    }


class _Rows:
    """The findings of the recommendations that carry an item, sorted by what they do to it."""

    def __init__(self, decision: Decision, one: DecidedItem, told: dict[str, Json]) -> None:
        self._decision = decision
        self._told = told
        self._silent = one.is_silent
        self._seen: set[tuple[str, str]] = set()
        self.because: list[Json] = []
        self.missing: list[Json] = []
        self.considerations: list[Json] = []
        self.open_reasons: list[Json] = []
        self._against: list[tuple[Finding, Json]] = []

    def read(self, judged: Judged) -> None:
        """Sort the findings of one recommendation."""
        if not judged.verdict.speaks_for:
            self._opposing(judged)
            return
        for finding in judged.indications:
            if finding.answer is Answer.MET:
                self._add(self.because, judged, finding, "indication")
        for finding in judged.exclusions:
            if finding.answer is Answer.MET:
                self._add_against(judged, finding, "exclusion")
            elif finding.answer.is_open:
                self._add(self.missing, judged, finding, "exclusion")
        indicated = judged.verdict.indicated is Answer.MET
        for finding in judged.indications:
            if finding.answer.is_open and indicated:
                self._add_open_reason(judged, finding)
            elif finding.answer.is_open:
                self._add(self.missing, judged, finding, "indication")
            elif finding.answer is Answer.NOT_MET and not indicated:
                self._add_against(judged, finding, "indication")
        if self._silent or judged.verdict.indicated is Answer.NOT_MET:
            return  # Without a reason for it, its conditions are no question.
        for prerequisite, waivers in judged.prerequisites:
            self._prerequisite(judged, prerequisite, waivers)
        for finding in judged.considerations:
            leaf = self._decision.library.criteria.leaves.get(finding.criterion)
            if leaf and leaf.path in COUNTED_HERE and not finding.values:
                continue  # It is asked of constructs, and the item stands in none.
            self._add(self.considerations, judged, finding, "consideration")

    def _opposing(self, judged: Judged) -> None:
        """What a recommendation against rests on: met it refuses, open it keeps the item waiting."""
        for finding in judged.indications:
            if finding.answer is Answer.MET:
                self._add_against(judged, finding, "indication")
            elif finding.answer.is_open and judged.verdict.heard.is_open:
                self._add(self.missing, judged, finding, "indication")

    def _prerequisite(self, judged: Judged, prerequisite: Finding, waivers: tuple[Finding, ...]) -> None:
        fired = [waiver for waiver in waivers if waiver.answer is Answer.MET]
        for waiver in fired:
            self._add(self.because, judged, waiver, "exception", prerequisite)
        if prerequisite.answer is Answer.MET:
            self._add(self.because, judged, prerequisite, "prerequisite")
        elif fired:
            return
        elif prerequisite.answer.is_open:
            self._add(self.missing, judged, prerequisite, "prerequisite")
        else:
            self._add_against(judged, prerequisite, "prerequisite")

    def _add(
        self, rows: list[Json], judged: Judged, finding: Finding, role: str, waived: Finding | None = None
    ) -> None:
        key = (finding.criterion, role)
        if key not in self._seen:
            self._seen.add(key)
            rows.append(self._entry(judged, finding, role, waived))

    def _add_open_reason(self, judged: Judged, finding: Finding) -> None:
        """Keep a reason that stays open beside one that is met: the item does not wait for it."""
        key = (finding.criterion, "reason")
        if key not in self._seen:
            self._seen.add(key)
            self.open_reasons.append(
                {
                    "criterion": finding.criterion,
                    "label": self._decision.library.label(finding.criterion),
                    "guideline": guideline_name(finding.criterion),
                    "recommendation": judged.verdict.recommendation,
                    "answer": finding.answer.value,
                    "parts": _parts(self._decision, finding),
                }
            )

    def _add_against(self, judged: Judged, finding: Finding, role: str) -> None:
        key = (finding.criterion, role)
        if key not in self._seen:
            self._seen.add(key)
            self._against.append((finding, self._entry(judged, finding, role)))

    def _entry(self, judged: Judged, finding: Finding, role: str, waived: Finding | None = None) -> Json:
        library, criterion = self._decision.library, finding.criterion
        entry: Json = {
            "criterion": criterion,
            "notation": library.graph.text(criterion, SKOS + "notation"),
            "label": library.label(criterion),
            "guideline": guideline_name(criterion),
            "recommendation": judged.verdict.recommendation,
            "role": role,
            "answer": finding.answer.value,
            "text": library.definition(criterion),
            "message": library.graph.text(criterion, SH + "message"),
            "evidence": evidence_of(self._decision, finding, self._told),
            "claims": sorted(set(library.graph.nodes(criterion, Nec.restsOn))),
        }
        outranked = set_aside_from(self._decision, finding)
        if outranked:
            entry["outranked"] = outranked
        if awaits_proof(self._decision, finding):
            entry["pendingProof"] = spoken_documents(self._decision, finding)
        if waived is not None:
            entry["waives"] = {"criterion": waived.criterion, "label": library.label(waived.criterion)}
        if finding.children:
            entry["parts"] = _parts(self._decision, finding)
        return entry

    @property
    def spoken(self) -> list[Json]:
        """What speaks against the item, where the record itself speaks to it; if nowhere, what comes nearest."""
        firm = [e for f, e in self._against if e["role"] != "indication" or f.answer is Answer.MET]
        spoken = [(f, e) for f, e in self._against if e not in firm and is_spoken_to(self._decision, f)]
        near = [e for _, e in sorted(spoken, key=lambda one: -_share_met(one[0]))]
        return [*firm, *near] or sorted((e for _, e in self._against), key=lambda e: not e["evidence"])[:1]

    @property
    def silent(self) -> list[Json]:
        """The other reasons that would have carried the item, for which nothing on record speaks."""
        told = {entry["criterion"] for entry in self.spoken}
        return [
            {"criterion": f.criterion, "label": e["label"], "guideline": e["guideline"]}
            for f, e in self._against
            if f.criterion not in told
        ]


def _parts(decision: Decision, finding: Finding) -> list[Json]:
    """What a criterion is made of, down to its leaves, with the answers."""
    return [
        {"criterion": part.criterion, "label": decision.library.label(part.criterion), "answer": part.answer.value}
        for part in parts_of(finding)
    ]


def _share_met(finding: Finding) -> float:
    """How much of a question is met already."""
    leaves = list(leaves_of(finding))
    return sum(leaf.answer is Answer.MET for leaf in leaves) / len(leaves)


def levels_of(decision: Decision, one: DecidedItem) -> str:
    """The levels of an item as a surgeon writes them; nothing where its service states none."""
    stated = decision.record.place(one.item.service)
    return decision.library.anatomy.span_name(one.item.place) if stated else ""


def _verdict(decision: Decision, judged: Judged) -> Json:
    one = judged.effective.recommendation
    return {
        "recommendation": one.iri,
        "label": decision.library.label(one.iri),
        "guideline": guideline_name(one.iri),
        "direction": "for" if one.speaks_for else "against",
        "answer": judged.verdict.answer.value,
        "fit": judged.verdict.fit.value,
    }


def coding_of(decision: Decision) -> list[Json]:
    """Where the codes of the request and its work part, with the codes that would report it."""
    graph = decision.library.graph
    return [
        {
            "kind": local(one.kind),
            "criterion": one.criterion,
            "label": decision.library.label(one.criterion),
            "message": one.message,
            "services": [decision.record.name(service) for service in one.services],
            "codes": [local(code) for code in one.codes],
            "expected": [
                {
                    "lines": [{"code": local(line.code), "units": line.units} for line in option.lines],
                    "when": option.condition or None,
                }
                for option in one.expected
            ],
            "claims": sorted(set(graph.nodes(one.criterion, Nec.restsOn))),
        }
        for one in decision.codes.findings
    ]


def _conflict(decision: Decision, one: Conflict) -> Json:
    return {
        "about": decision.library.label(one.about),
        "statements": [statement_of(decision, node) for node in one.nodes],
        "kept": one.kept,
        "rule": one.rule if one.kept else "unresolved",
    }


def _scores(decision: Decision) -> list[Json]:
    record, library = decision.record, decision.library
    found = []
    for node in record.evidence:
        if not record.has_type(node, Spine.ScoreResult):
            continue
        low, high = (record.graph.text(node, ends[Nec.total]) for ends in (library.spans.low, library.spans.high))
        found.append(
            {
                "score": library.label(record.asserted_class(node)),
                "scoreIri": record.asserted_class(node),
                "level": library.anatomy.span_name(record.place(node)),
                "low": int(low),
                "high": int(high),
                "undecided": [library.label(c) for c in record.graph.nodes(node, Nec.missingComponent)],
            }
        )
    return found
