"""Claims and references behind a decision, how well they carry it, and what a submission's own citations are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reasoner.advice import carrying
from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.determination import Fit, Outcome
from reasoner.evidence import deciding, is_spoken_to
from reasoner.judging import fit_of
from reasoner.terms import Literal
from reasoner.vocabulary import BIBO, CITO, DCTERMS, Case, Nec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reasoner.criteria import Finding
    from reasoner.determine import DecidedItem, Decision
    from reasoner.judging import Judged

Json = dict[str, Any]

_RELATIONS: Final = {
    CITO + "disagreesWith": "disagrees with",
    CITO + "agreesWith": "agrees with",
    CITO + "qualifies": "qualifies",
    CITO + "updates": "updates",
}


def ground_of(decision: Decision) -> Json:
    """How strong the ground of a decision is: that of its weakest item, and of an item its strongest claim.

    A claim counts for what its source calls its evidence, and for nothing unless it was read there.
    """
    bearing = [(one, found) for one in decision.principal if (found := _grounding(decision, one))]
    claims = sorted({claim for _, found in bearing for claim in found})
    rated = {one.item.id: max(_strength(decision, claim) for claim in found) for one, found in bearing}
    graph = decision.library.graph
    sound = [claim for claim in claims if verdict_of(decision, claim) == "verified"]
    weakest = min(rated.values(), default=None)
    return {
        "strength": "none" if weakest is None else _STRENGTHS[weakest][0],
        "text": "rests on what the record does not show; no claim had to be weighed"
        if weakest is None
        else _STRENGTHS[weakest][1],
        "evidenceGrades": sorted({text for claim in claims if (text := graph.text(claim, Nec.evidenceGrade))}),
        "claims": claims,
        "verified": len(sound),
        "items": {item: _STRENGTHS[rate][0] for item, rate in rated.items()},
    }


_STRENGTHS: Final = (
    ("unverified", "rests on claims that have not been read in their sources"),
    ("weak", "rests on consensus, tradition or single series, or on claims whose evidence is not graded"),
    ("moderate", "rests on at least one comparative study, guideline or standard"),
    ("strong", "rests on at least one trial, systematic review or strong recommendation"),
)


def _grounding(decision: Decision, one: DecidedItem) -> list[str]:
    """The claims under the indications that carry an item, or under what refuses it: failing, or met against it."""
    criteria = [
        leaf.criterion
        for judged in carrying(one)
        for finding in (_refusing(decision, judged) if one.outcome is Outcome.NOT_NECESSARY else judged.indications)
        if finding.answer is Answer.MET or one.outcome is Outcome.NOT_NECESSARY
        for leaf in (finding, *deciding(finding))
    ]
    return list(
        dict.fromkeys(c for criterion in criteria for c in decision.library.graph.nodes(criterion, Nec.restsOn))
    )


def _refusing(decision: Decision, judged: Judged) -> Iterator[Finding]:
    """What of a recommendation refuses: its indication that is met against, or all that fails or bars within it."""
    if not judged.verdict.speaks_for:
        yield from (finding for finding in judged.indications if finding.answer is Answer.MET)
        return
    for finding in judged.indications:
        if finding.answer is Answer.NOT_MET and is_spoken_to(decision, finding):
            yield finding
    if judged.verdict.indicated is Answer.MET:
        yield from (finding for finding, _ in judged.prerequisites if finding.answer is Answer.NOT_MET)
        yield from (finding for finding in judged.exclusions if finding.answer is Answer.MET)


def _strength(decision: Decision, claim: str) -> int:
    graph = decision.library.graph
    if verdict_of(decision, claim) != "verified":
        return 0
    return decision.library.evidence_strengths.get(graph.text(claim, Nec.evidenceGrade), 1)


def verdict_of(decision: Decision, subject: str) -> str:
    """The appraisal of a claim or reference as one word; unverified if none is given."""
    graph = decision.library.graph
    for appraisal in graph.nodes(subject, Nec.hasAppraisal):
        verdict = graph.node(appraisal, Nec.verdict)
        if verdict:
            return _WORDS.get(verdict, "unverified")
    return "unverified"


_WORDS: Final = {
    Nec.Verified: "verified",
    Nec.Unverified: "unverified",
    Nec.PopulationMismatch: "population-mismatch",
    Nec.Misquoted: "misquoted",
    Nec.NotCheckable: "not-checkable",
    Nec.Contradicted: "contradicted",
    Nec.Unresolvable: "unresolvable",
}


def appraisal_reason(decision: Decision, subject: str) -> str:
    """Why a claim or reference is appraised as it is."""
    graph = decision.library.graph
    reasons = [graph.text(appraisal, Nec.reason) for appraisal in graph.nodes(subject, Nec.hasAppraisal)]
    return " ".join(reason for reason in reasons if reason)


def claims_of(decision: Decision, items: list[Json]) -> Json:
    """Every claim that the items, advisories and submissions of a decision name, with references and appraisals."""
    named: dict[str, None] = {}
    for item in items:
        for part in ("because", "against", "open", "considerations"):
            for entry in item[part]:
                named.update(dict.fromkeys(entry["claims"]))
    graph = decision.library.graph
    for claim in list(named):
        for relation in _RELATIONS:
            named.update(dict.fromkeys(graph.nodes(claim, relation)))
    return {claim: claim_of(decision, claim) for claim in sorted(named)}


def claim_of(decision: Decision, claim: str) -> Json:
    """One claim: what it says, of whom, from where, and how it is appraised."""
    graph, library = decision.library.graph, decision.library
    populations = graph.nodes(claim, Nec.population)
    fits = [fit_of(decision.record, population) for population in populations]
    return {
        "label": library.label(claim),
        "text": library.definition(claim),
        "appraisal": verdict_of(decision, claim),
        "reason": appraisal_reason(decision, claim),
        "evidenceGrade": graph.text(claim, Nec.evidenceGrade) or None,
        "locator": graph.text(claim, Nec.locator) or None,
        "population": [library.label(population) for population in populations],
        "fit": (Fit.OUTSIDE if Fit.OUTSIDE in fits else Fit.STRETCHED if Fit.STRETCHED in fits else Fit.INSIDE).value,
        "references": [reference_of(decision, ref) for ref in references_of(decision, claim)],
        "relations": [
            {"relation": word, "claim": other, "label": library.label(other)}
            for relation, word in _RELATIONS.items()
            for other in graph.nodes(claim, relation)
        ],
    }


def references_of(decision: Decision, claim: str) -> list[str]:
    """The references that a claim cites."""
    graph = decision.library.graph
    return list(
        dict.fromkeys(
            target
            for path, targets in graph.index.get(claim, {}).items()
            if path.startswith(CITO) and path not in _RELATIONS
            for target in targets
            if isinstance(target, str)
        )
    )


def reference_of(decision: Decision, reference: str) -> Json:
    """One reference: its title, year and identifiers as far as they are known."""
    graph = decision.library.graph
    year = graph.value(reference, DCTERMS + "issued")
    return {
        "reference": reference,
        "title": graph.text(reference, DCTERMS + "title") or decision.library.label(reference),
        "creator": graph.text(reference, DCTERMS + "creator") or None,
        "year": year.lexical if isinstance(year, Literal) else None,
        "doi": graph.text(reference, BIBO + "doi") or None,
        "pmid": graph.text(reference, BIBO + "pmid") or None,
        "appraisal": verdict_of(decision, reference) if graph.nodes(reference, Nec.hasAppraisal) else None,
    }


def appraisals_of_documents(decision: Decision) -> list[Json]:
    """What the record's own documents lean on: claims with their appraisals, citations that cannot carry theirs."""
    record = decision.record
    rows: list[Json] = []
    documents = dict.fromkeys(
        subject
        for subject, edges in record.graph.index.items()
        if Case.reliesOnClaim in edges or Case.makesCitation in edges
    )
    for document in documents:
        base = {"document": record.name(document), "node": document}
        for claim in record.graph.nodes(document, Case.reliesOnClaim):
            told = claim_of(decision, claim)
            rows.append(
                {
                    **base,
                    "kind": "claim",
                    "claim": claim,
                    **{k: told[k] for k in ("label", "appraisal", "reason", "fit")},
                }
            )
        for citation in record.graph.nodes(document, Case.makesCitation):
            rows.extend({**base, **row} for row in _citation(decision, citation))
    return rows


def _citation(decision: Decision, citation: str) -> list[Json]:
    record, library = decision.record, decision.library
    marker = record.graph.text(citation, Case.marker)
    cited = record.graph.nodes(citation, Case.refersTo)
    topics = record.graph.nodes(citation, Case.citedFor)
    if not cited:
        return [
            {
                "kind": "citation",
                "marker": marker,
                "label": f"Citation {marker}",
                "appraisal": "unresolvable",
                "reason": "It resolves to no reference.",
            }
        ]
    rows = []
    for reference in cited:
        verdict, reason = verdict_of(decision, reference), appraisal_reason(decision, reference)
        populations = library.graph.nodes(reference, Nec.population)
        strangers = [
            population
            for population in populations
            if topics and not any(library.is_a(t, population) or library.is_a(population, t) for t in topics)
        ]
        if strangers:
            verdict = "population-mismatch"
            about = ", ".join(library.label(one).lower() for one in strangers)
            topic = ", ".join(library.label(one).lower() for one in topics)
            reason = f"It is about {about}, and is cited for {topic}."
        rows.append(
            {
                "kind": "citation",
                "marker": marker,
                "reference": reference,
                "label": library.label(reference),
                "appraisal": verdict,
                "reason": reason or f"{local(reference)} is appraised as {verdict}.",
            }
        )
    return rows
