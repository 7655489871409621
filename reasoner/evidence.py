"""Statements of the record in words: what, where, with which values, in which document of which date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.counting import count, singular
from reasoner.demands import Standing
from reasoner.quantities import days_of
from reasoner.terms import Literal
from reasoner.vocabulary import CASE, Case, Nec, Spine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reasoner.criteria import Finding, ValueFinding
    from reasoner.determine import Decision
    from reasoner.terms import Term

Json = dict[str, Any]

_UNSAID: Final = frozenset(
    {
        Case.atLevel, Case.fromLevel, Case.toLevel, Case.onSide, Case.statedIn, Case.label, Case.note, Case.ofKind,
        Case.records, Case.dueTo, Case.durationInDays, Case.hasBasis, Case.hasCertainty, Case.hasStatus,
    }
)  # fmt: skip
_ORDER: Final = {Standing.PASSES: 0, Standing.OPEN: 1, Standing.FAILS: 2}
_UNIT: Final = re.compile(r"^(?P<what>.+) in (?P<unit>[a-z ]+)$")
_LEAD: Final = re.compile(r"^(has|is an|is a|is) ")
_BOOLEAN: Final = ("true", "false")


def deciding(finding: Finding) -> Iterator[Finding]:
    """The leaves that carry an answer: of an unmet conjunction the unmet parts, of a met choice the met ones."""
    if not finding.children:
        yield finding
        return
    alike = [
        child
        for child in finding.children
        if child.answer is finding.answer or (child.answer.is_open and finding.answer.is_open)
    ]
    for child in alike or finding.children:
        yield from deciding(child)


def leaves_of(finding: Finding) -> Iterator[Finding]:
    """Every leaf under a finding."""
    if not finding.children:
        yield finding
    for child in finding.children:
        yield from leaves_of(child)


def parts_of(finding: Finding) -> Iterator[Finding]:
    """Every finding below another one, branches and leaves."""
    for child in finding.children:
        yield child
        yield from parts_of(child)


def evidence_of(decision: Decision, finding: Finding, told: dict[str, Json] | None = None) -> list[Json]:
    """The values that decide a finding, each with how it stands, its documents and what it lacks.

    `told` keeps what has been worded, for a caller that asks often.
    """
    told = {} if told is None else told
    rows: dict[str, Json] = {}
    ranks: dict[str, tuple[object, ...]] = {}
    for leaf in deciding(finding):
        # Under a negation what is asked for is that nothing passes: a requested service that does not is no evidence.
        is_denied = finding.answer is Answer.MET and leaf.answer is Answer.NOT_MET
        for value in leaf.values:
            passes = value.standing is Standing.PASSES
            if is_denied and value.node in decision.record.services:
                continue
            node = decision.record.stated_as(value.node)
            known = rows.get(node)
            if (known and known["standing"] == Standing.PASSES.value) or (leaf.answer is Answer.MET and not passes):
                continue
            if node not in told:
                told[node] = statement_of(decision, node)
            rows[node] = {
                **told[node],
                "statement": told[node]["statement"] + _fit(decision, value),
                "standing": value.standing.value,
                "criterion": leaf.criterion,
                "disputed": value.in_conflict,
                "lacking": []
                if is_denied
                else [_missed(decision, path) for path in value.lacking if not path.startswith("_:")],
            }
            stated = told[node]
            # What passes comes first, then what is open or disputed; of what fails, what comes nearest.
            ranks[node] = (
                _ORDER[value.standing],
                not value.in_conflict,
                stated["absence"],
                stated["derived"],
                len(value.lacking),
                len(ranks),
            )
    return [rows[node] for node in sorted(rows, key=lambda node: ranks[node])]


def _missed(decision: Decision, path: str) -> str:
    """What a reader is told is missing where a property is."""
    return decision.library.graph.text(path, Nec.missedAs) or decision.library.label(path)


def _fit(decision: Decision, value: ValueFinding) -> str:
    """With which symptoms a finding fits or does not, where that was asked."""
    if not any(triple.predicate == Nec.pictureFit for triple in value.evidence):
        return ""
    graph = decision.record.graph
    for path, words in ((Nec.fitsWith, "which fits with"), (Nec.fitsNotWith, "which does not fit with")):
        symptoms = graph.nodes(value.node, path)
        if symptoms:
            denied = all(decision.record.is_absence(symptom) for symptom in symptoms)
            told = "; ".join(dict.fromkeys(describe(decision, symptom) for symptom in symptoms))
            return f", {'of whose symptoms the record says' if denied else words}: {told}"
    return ""


def statement_of(decision: Decision, node: str) -> Json:
    """A statement with its documents: what it says, and of what kind it is; worded once for each decision."""
    worded = decision.session.worded
    node = decision.record.stated_as(node)
    if node not in worded:
        worded[node] = _worded(decision, node)
    return worded[node]


def _worded(decision: Decision, node: str) -> Json:
    return {
        "node": node,
        "statement": describe(decision, node),
        "assessed": Case.Assessed in decision.record.graph.nodes(node, Case.hasBasis),
        "derived": node not in decision.record.asserted,
        "absence": decision.record.is_absence(node),
        "counted": is_counted(decision, node),
        "documents": documents_of(decision, node),
    }


def is_spoken_to(decision: Decision, finding: Finding) -> bool:
    """Whether the record itself speaks to an unmet question, rather than being silent or denying the whole matter."""
    if not finding.children:
        stated = decision.record
        return any(not stated.is_absence(v.node) and v.node in stated.asserted for v in finding.values)
    alike = [child for child in finding.children if child.answer is finding.answer] or list(finding.children)
    return all(is_spoken_to(decision, child) for child in alike)


def set_aside_from(decision: Decision, finding: Finding) -> list[Json]:
    """Statements on the matter of a finding that no longer count, each with the reason."""
    record = decision.record
    genera = {decision.library.criteria.leaves[leaf.criterion].shape.genus for leaf in deciding(finding)}
    return [
        {**statement_of(decision, one.node), "reason": one.reason, "by": describe(decision, one.by) if one.by else ""}
        for one in record.set_aside
        if any(decision.library.is_a(cls, genus) for cls in record.graph.types(one.node) for genus in genera)
    ]


def documents_of(decision: Decision, node: str) -> list[Json]:
    """The documents that a statement stands in, with their kind and date; of a derived one, those it rests on."""
    return [document_of(decision, document) for document in decision.record.graph.nodes(node, Case.statedIn)]


def document_of(decision: Decision, document: str) -> Json:
    """One document: its kind, its label, a short name, and its date."""
    record = decision.record
    value = record.graph.value(document, Case.writtenOn)
    dated = days_of(value) is not None and isinstance(value, Literal)
    label = record.graph.text(document, Case.label)
    kind = decision.library.label(record.asserted_class(document))
    author = record.graph.node(document, Case.hasAuthorRole)
    return {
        "node": document,
        "kind": kind,
        "label": label or None,
        "short": label.split(",")[0] or kind,
        "date": value.lexical if dated and isinstance(value, Literal) else None,
        "author": decision.library.label(author) if author else None,
        "excerpt": record.graph.text(document, Case.isExcerpt) == "true",
    }


def describe(decision: Decision, node: str) -> str:
    """A statement of the record in one line: what, where, which side, and its values."""
    record, graph = decision.record, decision.record.graph
    node = record.stated_as(node)
    types = graph.types(node)
    for cls, told in _ROLES.items():
        if cls in types:
            return told(decision, node)
    if node in decision.library.graph.index:
        label, anatomy = decision.library.label(node), decision.library.anatomy
        return f"the level {label}" if node in anatomy.ends or node in anatomy.rank else label
    if Case.Patient in types:
        return ", ".join(["the patient", *_values(decision, node)])
    if node in record.services:
        status = graph.node(node, Case.hasStatus)
        aside = f", {decision.library.label(status)}" if status and status != Case.Requested else ""
        return record.name(node) + aside
    parts = [_name(decision, node)]
    sides = [decision.library.label(side) for side in graph.nodes(node, Case.onSide)]
    parts += [side for side in sides if side not in parts[0].lower().split()]
    parts += _values(decision, node)
    certainty = graph.node(node, Case.hasCertainty)
    if certainty:
        parts.append(decision.library.label(certainty))
    if Case.Assessed in graph.nodes(node, Case.hasBasis):
        parts.append("an author's assessment")
    return ", ".join(dict.fromkeys(parts))


def _name(decision: Decision, node: str) -> str:
    record, library = decision.record, decision.library
    kinds = [library.label(kind) for kind in record.graph.nodes(node, Case.ofKind)]
    if record.graph.text(node, Case.label) or not kinds:
        return record.name(node)
    where = place_name(decision, node)
    at = f" at {where}" if where else ""
    if record.is_absence(node):
        silent = node not in record.asserted
        denied = [
            library.label(grade)
            for path in record.graph.nodes(node, Nec.deniesGradesOf)
            for grade in _lowest(decision, node, path)
        ]
        what = " ".join([*denied, kinds[0]])
        return f"no {what}{at}" + (", where the report covers it and does not mention it" if silent else "")
    what = ", ".join(kinds)
    if record.has_type(node, Case.NotDocumented):
        return f"said not to be documented: {what}{at}"
    return f"{library.label(record.asserted_class(node))}: {what}{at}"


def _lowest(decision: Decision, absence: str, path: str) -> list[str]:
    """The lowest grade that an absence denies, as it was stated."""
    graph, low = decision.record.graph, decision.library.spans.low.get(path, "")
    return (graph.nodes(absence, path) or graph.nodes(absence, low))[:1]


def place_name(decision: Decision, node: str) -> str:
    """Where a statement is, as a surgeon writes it; a region only where no level is given."""
    return decision.library.anatomy.where(decision.record.place(node))


def _values(decision: Decision, node: str) -> list[str]:
    graph, spans = decision.record.graph, decision.library.spans
    edges = graph.index.get(node, {})
    found: list[tuple[int, str]] = []
    for path in sorted(edges):
        told = path.startswith(CASE) or path in (Nec.total, Nec.distinctModalityCount)
        if (
            not told
            or path in {*_UNSAID, *graph.objects(node, Nec.deniesGradesOf)}
            or path in spans.whole_of
            or path.endswith(("RankAtLeast", "RankAtMost"))
        ):
            continue
        found += [one for value in graph.objects(node, path) if (one := _value(decision, path, value))]
    units = {base for whole, (base, _) in spans.units.items() if whole in edges or spans.low.get(whole) in edges}
    said = (edges.keys() - {Case.durationInDays}) | spans.windows | units
    for whole, low in spans.low.items():
        if whole in said or not (low in edges or spans.high[whole] in edges):
            continue
        ends = (graph.value(node, low), graph.value(node, spans.high[whole]))
        if any(
            base == whole and (unit in edges or spans.low.get(unit) in edges) for unit, (base, _) in spans.units.items()
        ):
            continue
        found.append((2, _number(decision.library.label(whole), _span(decision, whole, *ends))))
    return [text for _, text in sorted(found, key=lambda one: one[0])]


def _value(decision: Decision, path: str, value: Term) -> tuple[int, str] | None:
    label = decision.library.label(path)
    plain = _LEAD.sub("", label)
    if isinstance(value, Literal):
        if value.lexical in _BOOLEAN:
            return (1, plain if value.lexical == "true" else f"not {plain}")
        return (2 if value.number is not None else 3, _number(plain, value.lexical))
    if value not in decision.library.graph.index:
        return None
    word = decision.library.label(value)
    says_itself = plain == label or word.startswith(plain)
    return (0, word if says_itself else f"{plain} {word}")


def _span(decision: Decision, whole: str, low: Term | None, high: Term | None) -> str:
    knowledge = decision.library.graph
    most = knowledge.value(whole, Nec.maximum)
    if isinstance(high, Literal) and isinstance(most, Literal) and high.number is not None and most.number is not None:
        high = (
            None if high.number >= most.number and high != low else high
        )  # No more than any could be: no end was stated.
    ends = [v.lexical if isinstance(v, Literal) else decision.library.label(v) if v else "" for v in (low, high)]
    plain = _LEAD.sub("", decision.library.label(whole))
    ends = [end.removeprefix(plain).strip() if all(e.startswith(plain) for e in ends if e) else end for end in ends]
    if ends[0] == ends[1]:
        return ends[0]
    if not ends[1]:
        return f"at least {ends[0]}"
    return f"{ends[0]} to {ends[1]}" if ends[0] else f"at most {ends[1]}"


def _number(label: str, value: str) -> str:
    """A quantity as it is said.

    >>> _number("size in millimetres", "48"), _number("number of sessions", "2"), _number("duration in months", "1")
    ('size 48 millimetres', '2 sessions', 'duration 1 month')
    """
    plain = _LEAD.sub("", label)
    if plain.startswith("number of "):
        counted = plain.removeprefix("number of ")
        return f"{value} {singular(counted) if value == '1' else counted}"
    found = _UNIT.match(plain)
    return (
        f"{found['what']} {value} {singular(found['unit']) if value == '1' else found['unit']}"
        if found
        else f"{plain} {value}"
    )


def _support(decision: Decision, node: str) -> str:
    away = decision.record.graph.text(node, Nec.levelsFromLesion)
    lesion = next((p for p in _premises(decision, node) if decision.record.place(p)), None)
    where = f" at {place_name(decision, lesion)}" if lesion else ""
    return f"supports the lesion{where}, {count(away, 'level')} away"


def _lesion(decision: Decision, node: str) -> str:
    graph = decision.record.graph
    lesion = next((p for p in _premises(decision, node) if decision.record.place(p)), None)
    where = f" the lesion at {place_name(decision, lesion)}" if lesion else " the lesion"
    above, below = (graph.text(node, path) for path in (Nec.levelsAbove, Nec.levelsBelow))
    return f"{count(above, 'level')} above and {below} below{where}, as counted"


def _bridge(decision: Decision, node: str) -> str:
    flanks = [local(p) for p in _premises(decision, node) if p in decision.library.anatomy.ends]
    skipped = count(decision.record.graph.text(node, Nec.skippedSegments), "segment")
    return f"lies between {' and '.join(flanks)}, {skipped} skipped"


def _construct(decision: Decision, node: str) -> str:
    graph, spans, anatomy = decision.record.graph, decision.library.spans, decision.library.anatomy

    def ends(path: str) -> tuple[str, str]:
        return graph.text(node, spans.low[path]), graph.text(node, spans.high[path])

    def level(rank: str) -> str:
        return local(anatomy.vertebra_at[int(rank)]) if rank else "?"

    segments = ends(Nec.segmentCount)
    run = f"{level(ends(Nec.upperEndRank)[0])}-{level(ends(Nec.lowerEndRank)[1])}"
    sure = segments[0] if segments[0] == segments[1] else f"{segments[0]} to {segments[1]}"
    return f"the run that is or may be justified, {run}: {count(sure, 'segment')}"


def _premises(decision: Decision, node: str) -> tuple[str, ...]:
    return next((d.premises for d in reversed(decision.record.derivations) if d.triple.subject == node), ())


_ROLES: Final = {
    Nec.SupportRole: _support,
    Nec.LesionRole: _lesion,
    Nec.BridgeRole: _bridge,
    Nec.JustifiedConstruct: _construct,
}


def is_role(decision: Decision, node: str) -> bool:
    """Whether a node is a fact about the construct that was counted from its levels."""
    return any(cls in decision.record.graph.types(node) for cls in _ROLES)


def is_counted(decision: Decision, node: str) -> bool:
    """Whether a node was counted or added up here: a fact about the construct, or a score."""
    return is_role(decision, node) or decision.record.has_type(node, Spine.ScoreResult)
