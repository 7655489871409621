"""Why, why not, what is missing: a decision told as plain data, from which every report and the JSON are printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reasoner.anatomy import Place, local
from reasoner.answers import Answer
from reasoner.criteria import Finding, Leaf
from reasoner.demands import Standing
from reasoner.determination import Outcome
from reasoner.determine import DecidedItem, Decision
from reasoner.extent import Uncovered, passing
from reasoner.judging import Judged, speaks_of
from reasoner.library import guideline_name
from reasoner.quantities import days_of
from reasoner.record import Conflict
from reasoner.sources import appraisals_of_documents, claims_of, ground_of
from reasoner.terms import Literal
from reasoner.vocabulary import SH, SKOS, Case, Nec, Spine

Json = dict[str, Any]

NOTICE: Final = "Decision support: a person decides. Nothing here is refused automatically."


def explain(decision: Decision) -> Json:
    """Tell a decision as plain data; keys and order are those of the published schema."""
    record = decision.record
    items = [explain_item(decision, one) for one in decision.items]
    settings = [one for one in decision.items if one.item.grain == Nec.ByStay]
    principal = {one.item.id for one in decision.principal}
    return {
        "notice": NOTICE,
        "case": {"label": record.graph.text(record.case, Case.label), "iri": record.case},
        "policy": _policy(decision),
        "asOf": _day(decision.policy_date),
        "evidenceUntil": _day(decision.evidence_until),
        "review": _review(decision),
        "outcome": decision.outcome.value,
        "action": decision.action.value,
        "ground": ground_of(decision),
        "requested": [_service(decision, service) for service in _asked(decision)],
        "approved": group(decision, principal, Outcome.NECESSARY),
        "refused": group(decision, principal, Outcome.NOT_NECESSARY),
        "pending": group(decision, principal, Outcome.UNDETERMINED),
        "uncovered": [_uncovered(decision, one) for one in decision.uncovered],
        "items": items,
        "setting": [_setting(decision, one) for one in settings],
        "coding": coding_of(decision),
        "needs": needs_of(decision),
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
        "claims": claims_of(decision, items),
        "provenance": {
            "caseHash": decision.case.hash,
            "knowledgeHash": decision.library.hash,
            "engineVersion": engine_version(),
        },
    }


def engine_version() -> str:
    """The version of the installed engine."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("spine-reasoner")
    except PackageNotFoundError:
        return "unreleased"


def _day(value: object) -> str | None:
    return None if value is None else str(value)


def _policy(decision: Decision) -> Json:
    graph, iri = decision.library.graph, decision.policy.iri
    stale = decision.policy_date is not None and (
        (decision.policy.effective_from is not None and decision.policy_date < decision.policy.effective_from)
        or (decision.policy.effective_until is not None and decision.policy_date > decision.policy.effective_until)
    )
    return {
        "id": local(iri),
        "label": decision.library.label(iri),
        "edition": graph.text(iri, Nec.edition),
        "inForce": None if decision.policy_date is None else not stale,
    }


def _review(decision: Decision) -> Json:
    record = decision.record
    found: Json = {"kind": None, "urgency": None}
    for request in record.graph.nodes(record.case, Case.hasRequest):
        kind, urgency = record.graph.node(request, Case.hasReviewKind), record.graph.node(request, Case.hasUrgency)
        found = {"kind": local(kind).lower() if kind else None, "urgency": local(urgency).lower() if urgency else None}
    return found


def _asked(decision: Decision) -> list[str]:
    return list(dict.fromkeys(one.item.service for one in decision.items))


def _service(decision: Decision, service: str) -> Json:
    record = decision.record
    one = next(d for d in decision.items if d.item.service == service)
    return {
        "procedure": decision.library.label(one.item.procedure),
        "levels": record.library.anatomy.span_name(record.place(service)),
        "side": local(one.item.side).lower() if one.item.side else None,
        "codes": [local(code) for code in one.item.codes],
        "principal": one.item.is_principal,
        "items": [d.item.id for d in decision.items if d.item.service == service],
    }


def group(decision: Decision, principal: set[str], outcome: Outcome) -> list[Json]:
    """The levels of each principal service that have one outcome, joined into runs."""
    found = []
    for service in _asked(decision):
        chosen = [
            one for one in decision.items
            if one.item.service == service and one.outcome is outcome and one.item.id in principal
        ]  # fmt: skip
        if not chosen:
            continue
        place = Place()
        for one in chosen:
            place |= one.item.place
        if any(one.item.grain == Nec.BySegment for one in chosen):
            place = Place(segments=place.segments, joints=place.joints)
        found.append(
            {
                "procedure": decision.library.label(chosen[0].item.procedure),
                "levels": decision.library.anatomy.span_name(place),
                "items": [one.item.id for one in chosen],
            }
        )
    return found


def explain_item(decision: Decision, one: DecidedItem) -> Json:
    """One item: its outcome, the criteria that decided it, and what every recommendation says."""
    lead = leading(one)
    because: list[Json] = []
    against: list[Json] = []
    missing: list[Json] = []
    considerations: list[Json] = []
    for judged in lead:
        for finding in judged.indications:
            if finding.answer is Answer.MET:
                because.append(_finding(decision, judged, finding, "indication"))
        for prerequisite, waivers in judged.prerequisites:
            if prerequisite.answer is Answer.MET:
                because.append(_finding(decision, judged, prerequisite, "prerequisite"))
                continue
            fired = [waiver for waiver in waivers if waiver.answer is Answer.MET]
            because.extend(_finding(decision, judged, waiver, "exception", prerequisite) for waiver in fired)
            if not fired:
                target = missing if prerequisite.answer.is_open else against
                target.append(_finding(decision, judged, prerequisite, "prerequisite"))
        for finding in judged.exclusions:
            if finding.answer is Answer.MET:
                against.append(_finding(decision, judged, finding, "exclusion"))
            elif finding.answer.is_open:
                missing.append(_finding(decision, judged, finding, "exclusion"))
        if judged.verdict.indicated is not Answer.MET:
            for finding in judged.indications:
                if finding.answer.is_open:
                    missing.append(_finding(decision, judged, finding, "indication"))
                elif finding.answer is Answer.NOT_MET:
                    against.append(_finding(decision, judged, finding, "indication"))
        considerations.extend(_finding(decision, judged, f, "consideration") for f in judged.considerations)
    because, against, missing, considerations = (_once(rows) for rows in (because, against, missing, considerations))
    against.sort(key=lambda entry: not entry["evidence"])
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
        "partOf": one.part_of,
        "recommendations": [_verdict(decision, judged) for judged in one.judged],
        "setAside": [_verdict(decision, judged) for judged in one.set_aside],
        "because": because,
        "against": against,
        "open": missing,
        "considerations": considerations,
    }


def levels_of(decision: Decision, one: DecidedItem) -> str:
    """The levels of an item as a surgeon writes them; nothing where its service states none."""
    stated = decision.record.place(one.item.service)
    return decision.library.anatomy.span_name(one.item.place) if stated else ""


def _once(rows: list[Json]) -> list[Json]:
    return list({(row["criterion"], row["role"]): row for row in reversed(rows)}.values())[::-1]


def grounds_of(one: DecidedItem) -> str | None:
    """Why an item is not simply approved: not necessary, not documented, or outside the knowledge."""
    if one.outcome is Outcome.NOT_NECESSARY:
        return "not necessary"
    if one.outcome is Outcome.UNDETERMINED:
        return "not documented"
    return "outside the knowledge" if one.outcome is Outcome.NOT_ASSESSED else None


def leading(one: DecidedItem) -> tuple[Judged, ...]:
    """The recommendations that carry an item's outcome, the most telling first."""
    supports = [judged for judged in one.judged if judged.verdict.speaks_for]
    opposing = [j for j in one.judged if not j.verdict.speaks_for and j.verdict.answer is not Answer.NOT_MET]
    barring = [j for j in supports if j.verdict.indicated is not Answer.NOT_MET and j.verdict.excluded is not Answer.NOT_MET]
    if one.outcome is Outcome.NECESSARY:
        return tuple(j for j in supports if j.verdict.answer is Answer.MET)
    if one.outcome in (Outcome.UNDETERMINED, Outcome.INCLUDED):
        chosen = [j for j in supports if j.verdict.answer is not Answer.NOT_MET]
        return (*sorted(chosen, key=lambda j: j.verdict.indicated is not Answer.MET), *opposing)
    near = [j for j in supports if j.verdict.indicated is not Answer.NOT_MET and j not in barring]
    far = [j for j in supports if j.verdict.indicated is Answer.NOT_MET]
    return (*opposing, *barring, *near, *far)


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


def _finding(decision: Decision, judged: Judged, finding: Finding, role: str, waived: Finding | None = None) -> Json:
    graph = decision.library.graph
    criterion = finding.criterion
    entry: Json = {
        "criterion": criterion,
        "notation": graph.text(criterion, SKOS + "notation"),
        "label": decision.library.label(criterion),
        "guideline": guideline_name(criterion),
        "recommendation": judged.verdict.recommendation,
        "role": role,
        "answer": finding.answer.value,
        "text": decision.library.definition(criterion),
        "message": graph.text(criterion, SH + "message"),
        "evidence": evidence_of(decision, finding),
        "claims": sorted(set(graph.nodes(criterion, Nec.restsOn))),
    }
    if waived is not None:
        entry["waives"] = {"criterion": waived.criterion, "label": decision.library.label(waived.criterion)}
    if finding.children:
        entry["parts"] = [
            {"criterion": f.criterion, "label": decision.library.label(f.criterion), "answer": f.answer.value}
            for f in _leaves(finding)
        ]
    return entry


def _leaves(finding: Finding) -> Iterable[Finding]:
    if not finding.children:
        yield finding
    for child in finding.children:
        yield from _leaves(child)


def evidence_of(decision: Decision, finding: Finding) -> list[Json]:
    """The values that a finding rests on, each with how it stands, its documents and what it lacks."""
    record = decision.record
    rows: dict[str, Json] = {}
    for leaf in _leaves(finding):
        for value in leaf.values:
            if value.node in rows and rows[value.node]["standing"] == Standing.PASSES.value:
                continue
            rows[value.node] = {
                "node": value.node,
                "statement": describe(decision, value.node),
                "standing": value.standing.value,
                "criterion": leaf.criterion,
                "disputed": value.in_conflict,
                "documents": documents_of(decision, value.node),
                "lacking": [decision.library.label(path) for path in value.lacking if not path.startswith("_:")],
            }
    return list(rows.values())


def documents_of(decision: Decision, node: str) -> list[Json]:
    """The documents that a statement stands in, with their kind and date."""
    record = decision.record
    found = []
    for document in record.graph.nodes(node, Case.statedIn):
        written = days_of(record.graph.value(document, Case.writtenOn))
        value = record.graph.value(document, Case.writtenOn)
        found.append(
            {
                "node": document,
                "kind": decision.library.label(record.asserted_class(document)),
                "label": record.graph.text(document, Case.label) or None,
                "date": value.lexical if written and isinstance(value, Literal) else None,
            }
        )
    return found


def describe(decision: Decision, node: str) -> str:
    """A statement of the record in one line: what, where, which side, and its values."""
    record, library = decision.record, decision.library
    graph = record.graph
    parts = [record.name(node)]
    side = [local(s).lower() for s in graph.nodes(node, Case.onSide)]
    if side:
        parts.append(", ".join(side))
    spans = library.spans
    for path in sorted(graph.index.get(node, {})):
        if path in spans.whole_of or path.endswith(("RankAtLeast", "RankAtMost")) or path in _PLUMBING:
            continue
        if not path.startswith(("https://w3id.org/spine-reasoner/case#", Nec.total)):
            continue
        words = [
            value.lexical if isinstance(value, Literal) else library.label(value)
            for value in graph.objects(node, path)
            if isinstance(value, Literal) or value in library.graph.index
        ]
        if words:
            parts.append(f"{library.label(path).lower()} {', '.join(words)}")
    for whole, low in spans.low.items():
        edges = graph.index.get(node, {})
        if whole in edges or not (low in edges or spans.high[whole] in edges) or whole in _PLUMBING or whole in spans.windows:
            continue
        ends = [_word(decision, graph.value(node, end)) for end in (low, spans.high[whole])]
        parts.append(f"{library.label(whole).lower()} {ends[0]} to {ends[1]}" if ends[0] != ends[1] else f"{library.label(whole).lower()} {ends[0]}")
    return "; ".join(dict.fromkeys(parts))


def _word(decision: Decision, value: object) -> str:
    if isinstance(value, Literal):
        return value.lexical
    return decision.library.label(value) if isinstance(value, str) else "?"


_PLUMBING: Final = frozenset(
    {
        Case.atLevel, Case.fromLevel, Case.toLevel, Case.onSide, Case.statedIn, Case.label, Case.note,
        Case.ofKind, Case.records, Case.dueTo, Case.durationInDays,
    }
)  # fmt: skip


def _uncovered(decision: Decision, one: Uncovered) -> Json:
    return {
        "level": local(one.level),
        "procedure": decision.library.label(one.procedure),
        "answer": one.answer.value,
        "because": [
            {
                "criterion": finding.criterion,
                "label": decision.library.label(finding.criterion),
                "evidence": [describe(decision, node) for node in dict.fromkeys(passing(finding))],
            }
            for finding in one.findings
        ],
    }


def _setting(decision: Decision, one: DecidedItem) -> Json:
    told = explain_item(decision, one)
    return {key: told[key] for key in ("id", "procedure", "outcome", "because", "against", "open", "considerations")}


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
                {"lines": [{"code": local(line.code), "units": line.units} for line in option.lines], "when": option.condition or None}
                for option in one.expected
            ],
            "claims": sorted(set(graph.nodes(one.criterion, Nec.restsOn))),
        }
        for one in decision.codes.findings
    ]


def needs_of(decision: Decision) -> list[Json]:
    """What is not documented, ranked by how much it would settle: the documents to ask for first."""
    criteria = decision.library.criteria
    wanted: dict[str, Json] = {}
    principal = {one.item.id for one in decision.principal}
    for one in decision.items:
        if one.outcome is not Outcome.UNDETERMINED:
            continue
        for judged in leading(one):
            for leaf in open_leaves(judged):
                compiled = criteria.leaves.get(leaf.criterion)
                if compiled is None:
                    continue
                entry = wanted.setdefault(leaf.criterion, _need(decision, leaf, compiled))
                if one.item.id not in entry["items"]:
                    entry["items"].append(one.item.id)
                if judged.verdict.indicated is Answer.MET:
                    entry["wouldSettle"] = True
    rows = list(wanted.values())
    rows.sort(
        key=lambda row: (
            not row["wouldSettle"],
            -sum(item in principal for item in row["items"]),
            -len(row["items"]),
            row["criterion"],
        )
    )
    return rows


def _need(decision: Decision, leaf: Finding, compiled: Leaf) -> Json:
    graph = decision.library.graph
    kind = graph.node(leaf.criterion, Nec.changeKind)
    return {
        "criterion": leaf.criterion,
        "label": decision.library.label(leaf.criterion),
        "answer": leaf.answer.value,
        "askFor": graph.text(leaf.criterion, Nec.asksFor) or decision.library.definition(leaf.criterion),
        "message": graph.text(leaf.criterion, SH + "message"),
        "changeKind": local(kind).lower() if kind else None,
        "wouldSettle": False,
        "items": [],
        "asksAbout": decision.library.label(compiled.shape.genus),
    }


def open_leaves(judged: Judged) -> list[Finding]:
    """The leaves that keep a recommendation from a definite answer."""
    found: list[Finding] = []
    if judged.verdict.indicated.is_open:
        for finding in judged.indications:
            found.extend(_open(finding))
    for prerequisite, waivers in judged.prerequisites:
        if prerequisite.answer.is_open and not any(w.answer is Answer.MET for w in waivers):
            found.extend(_open(prerequisite))
    for finding in judged.exclusions:
        found.extend(_open(finding))
    return found


def _open(finding: Finding) -> list[Finding]:
    if not finding.answer.is_open:
        return []
    if not finding.children:
        return [finding]
    return [leaf for child in finding.children for leaf in _open(child)]


def advisories_of(decision: Decision) -> list[Json]:
    """The advisories that some item raises, the most important first."""
    library, session = decision.library, decision.session
    raised: dict[str, Json] = {}
    for advisory in library.advisories:
        if advisory.guideline not in decision.policy.counts:
            continue
        for one in decision.items:
            if advisory.concerns and not advisory.concerns & one.item.types:
                continue
            finding = session.find(one.item.iri, advisory.criterion)
            if not _raises(advisory.raised_on, finding.answer):
                continue
            entry = raised.setdefault(
                advisory.iri,
                {
                    "advisory": advisory.iri,
                    "label": library.label(advisory.iri),
                    "text": library.definition(advisory.iri),
                    "importance": advisory.importance,
                    "criterion": advisory.criterion,
                    "answer": finding.answer.value,
                    "items": [],
                    "evidence": [describe(decision, node) for node in dict.fromkeys(passing(finding))],
                    "claims": sorted(set(library.graph.nodes(advisory.iri, Nec.restsOn))),
                },
            )
            entry["items"].append(one.item.id)
    return sorted(raised.values(), key=lambda entry: (entry["importance"], entry["advisory"]))


def _raises(waits_for: str, answer: Answer) -> bool:
    if waits_for == Nec.Open:
        return answer.is_open
    if waits_for == Nec.NotMet:
        return answer is Answer.NOT_MET
    return answer is Answer.MET


def _conflict(decision: Decision, one: Conflict) -> Json:
    return {
        "about": decision.library.label(one.about),
        "statements": [
            {"node": node, "statement": describe(decision, node), "documents": documents_of(decision, node)}
            for node in one.nodes
        ],
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


def coverage_of(decision: Decision) -> Json:
    """Requested levels against diseased levels, both ways."""
    anatomy = decision.library.anatomy
    rows = []
    for one in decision.items:
        if one.item.grain != Nec.ByRange or not one.item.place.segments:
            continue
        shown = Place()
        for judged in one.judged:
            if judged.verdict.speaks_for and judged.verdict.indicated is Answer.MET:
                for finding in judged.indications:
                    for node in passing(finding) if finding.answer is Answer.MET else []:
                        shown |= decision.record.place(node)
        unshown = [
            s for s in sorted(one.item.place.segments, key=anatomy.order)
            if not anatomy.touches(Place(segments=frozenset({s})), shown)
        ]  # fmt: skip
        rows.append(
            {
                "item": one.item.id,
                "shown": anatomy.span_name(Place(shown.vertebrae, shown.segments)),
                "notShown": [local(segment) for segment in unshown],
            }
        )
    requested = [
        {"level": anatomy.span_name(one.item.place), "item": one.item.id}
        for one in decision.principal
        if one.outcome is Outcome.NOT_NECESSARY
    ]
    return {
        "requestedWithoutReason": requested,
        "diseasedNotRequested": sorted({local(one.level) for one in decision.uncovered}, key=str),
        "ranges": rows,
    }


def approvable_of(decision: Decision) -> list[Json]:
    """The largest construct that can be approved: as it stands, and if what is open turns out well."""
    anatomy = decision.library.anatomy
    names = dict.fromkeys(one.item.construct for one in decision.items if one.item.construct and one.item.place.segments)
    found = []
    for name in names:
        mine = [one for one in decision.items if one.item.construct == name and one.item.place.segments]
        now, later, bridges = set(), set(), set()
        for one in mine:
            if is_bridge(decision, one):
                if one.outcome is not Outcome.NOT_NECESSARY:
                    bridges |= one.item.place.segments
                continue
            if one.outcome is Outcome.NECESSARY:
                now |= one.item.place.segments
            if one.outcome in (Outcome.NECESSARY, Outcome.UNDETERMINED):
                later |= one.item.place.segments
        found.append(
            {
                "construct": name,
                "now": _runs(decision, now),
                "ifOpenIsMet": _runs(decision, later),
                "bridges": [local(s) for s in sorted(bridges - later, key=anatomy.order)],
                "withBridges": _runs(decision, later | bridges),
            }
        )
    return found


def _runs(decision: Decision, segments: set[str]) -> list[str]:
    name = decision.library.anatomy.span_name(Place(segments=frozenset(segments)))
    return name.split(", ") if name else []


def is_bridge(decision: Decision, one: DecidedItem) -> bool:
    """Whether nothing but its neighbours speaks for an item: a level skipped by the disease."""
    record = decision.record
    supports = [j for j in one.judged if j.verdict.speaks_for and j.verdict.answer is not Answer.NOT_MET]
    nodes = [
        node
        for judged in supports
        for finding in judged.indications
        if finding.answer is not Answer.NOT_MET
        for node in passing(finding)
    ]
    return bool(nodes) and all(record.has_type(node, Nec.BridgeRole) for node in nodes)


def alternatives_of(decision: Decision) -> list[Json]:
    """The lesser things that could be done instead, and which goals of the indication they do not reach."""
    library = decision.library
    found: dict[tuple[str, tuple[str, ...]], Json] = {}
    for one in decision.principal:
        if one.outcome not in (Outcome.NECESSARY, Outcome.UNDETERMINED):
            continue
        for judged in leading(one):
            goals = [
                goal
                for finding in judged.indications
                if finding.answer is Answer.MET
                for goal in library.graph.nodes(finding.criterion, Nec.setsGoal)
            ]
            for procedure in judged.effective.recommendation.alternatives:
                known = library.procedures.get(procedure)
                if known is None or not goals:
                    continue
                unreached = tuple(dict.fromkeys(goal for goal in goals if goal not in known.provides))
                barred = _bars(decision, one, procedure)
                key = (procedure, unreached)
                entry = found.setdefault(
                    key,
                    {
                        "alternative": library.label(procedure),
                        "alternativeIri": procedure,
                        "goals": [library.label(goal) for goal in dict.fromkeys(goals)],
                        "notReached": [library.label(goal) for goal in unreached],
                        "contraindications": barred,
                        "items": [],
                    },
                )
                entry["items"].append(one.item.id)
    return list(found.values())


def _bars(decision: Decision, one: DecidedItem, procedure: str) -> list[Json]:
    session, library = decision.session, decision.library
    types = library.ancestors.get(procedure, frozenset())
    regions = library.anatomy.regions(one.item.place)
    rows: dict[str, Json] = {}
    for effective in session.effective:
        if not speaks_of(decision.record, effective.recommendation, types, regions):
            continue
        for strength, criteria in (
            ("absolute", effective.recommendation.exclusions),
            ("relative", effective.recommendation.considerations),
        ):
            for criterion in criteria:
                contra = Nec.Contraindication in library.graph.types(criterion)
                if strength == "relative" and not contra:
                    continue
                finding = session.find(one.item.iri, criterion)
                if finding.answer is Answer.MET:
                    rows[criterion] = {"criterion": criterion, "label": library.label(criterion), "strength": strength}
    return list(rows.values())
