"""Small questions to a decision: one criterion's answers, what the closure added, how two determinations differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from reasoner.anatomy import local
from reasoner.criteria import Finding
from reasoner.determine import Decision
from reasoner.errors import GuidelineUnknown
from reasoner.evidence import describe, documents_of
from reasoner.library import Library
from reasoner.likeness import nearest
from reasoner.terms import Literal, Term
from reasoner.vocabulary import SKOS

Json = dict[str, Any]

_WITHIN: Final = re.compile(r"(?<=[a-z]):")
_MOST_CANDIDATES: Final = 8


def explain_criterion(decision: Decision, criterion: str) -> list[str]:
    """What one criterion or recommendation answers for every item, as an indented tree down to the evidence."""
    library = decision.library
    lines = [f"{library.label(criterion)} ({local(criterion)})", library.definition(criterion), ""]
    for one in decision.items:
        if criterion in library.criteria.compiled:
            finding = decision.session.find(one.item.iri, criterion)
            lines.append(f"{one.item.id}: {finding.answer.value}")
            lines.extend(_tree(decision, finding, 1))
            continue
        for judged in (*one.judged, *one.set_aside):
            if judged.verdict.recommendation != criterion:
                continue
            lines.append(f"{one.item.id}: {judged.verdict.answer.value}")
            for word, findings in (("indication", judged.indications), ("exclusion", judged.exclusions)):
                for finding in findings:
                    lines.append(f"  {word}: {library.label(finding.criterion)}: {finding.answer.value}")
                    lines.extend(_tree(decision, finding, 2))
            for prerequisite, waivers in judged.prerequisites:
                lines.append(f"  prerequisite: {library.label(prerequisite.criterion)}: {prerequisite.answer.value}")
                lines.extend(_tree(decision, prerequisite, 2))
                lines.extend(f"    unless: {library.label(w.criterion)}: {w.answer.value}" for w in waivers)
    return lines


def _tree(decision: Decision, finding: Finding, depth: int) -> Iterator[str]:
    pad = "  " * depth
    for child in finding.children:
        yield f"{pad}{decision.library.label(child.criterion)}: {child.answer.value}"
        yield from _tree(decision, child, depth + 1)
    for value in finding.values:
        names = [d["label"] or d["kind"] for d in documents_of(decision, value.node)]
        lacking = [decision.library.label(path) for path in value.lacking if not path.startswith("_:")]
        short = f"; wanting: {', '.join(lacking)}" if lacking else ""
        yield f"{pad}{value.standing.value}: {describe(decision, value.node)} [{'; '.join(names)}]{short}"


def trace(decision: Decision) -> Iterator[str]:
    """Each triple that the closure added, its rule or axiom, and what it rests on."""
    name = decision.record.name

    def word(term: Term) -> str:
        return term.lexical if isinstance(term, Literal) else local(term)

    for triple, rule, premises in decision.record.derivations:
        rests = ", ".join(name(p) if p in decision.record.graph.index else local(p) for p in premises)
        yield f"{word(triple.subject)} {local(triple.predicate)} {word(triple.object)}  <- {local(rule)} ({rests})"


def saved_determination(data: bytes) -> Json | None:
    """A determination that was saved as JSON, or None if the bytes are something else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not {"items", "outcome", "action", "policy"} <= found.keys():
        return None
    try:
        _ = [(item["id"], item["outcome"], _answers(item)) for item in found["items"]]
    except (TypeError, KeyError):
        return None
    return found


def differences(left: Json, right: Json) -> list[str]:
    """How two determinations differ: outcome, items, and the criteria whose answers changed."""
    lines = [f"{key}: {left[key]} -> {right[key]}" for key in ("outcome", "action") if left[key] != right[key]]
    before, after = _by_id(left["items"]), _by_id(right["items"])
    for item in dict.fromkeys([*before, *after]):
        if item not in before or item not in after:
            lines.append(f"{item}: only in the {'second' if item not in before else 'first'}")
            continue
        if before[item]["outcome"] != after[item]["outcome"]:
            lines.append(f"{item}: {before[item]['outcome']} -> {after[item]['outcome']}")
        had, has = _answers(before[item]), _answers(after[item])
        for criterion in sorted(had.keys() | has.keys()):
            if had.get(criterion) != has.get(criterion):
                was, now = had.get(criterion, "not asked"), has.get(criterion, "not asked")
                lines.append(f"  {item}: {local(criterion)}: {was} -> {now}")
    return lines or ["no difference"]


def _by_id(items: list[Json]) -> dict[str, Json]:
    return {item["id"]: item for item in items}


def _answers(item: Json) -> dict[str, str]:
    return {
        entry["criterion"]: f"{entry['answer']} ({entry['role']})"
        for key in ("because", "against", "open", "considerations")
        for entry in item[key]
    }


def criteria_named(library: Library, name: str) -> list[str]:
    """The criteria and recommendations that a name means.

    It is an IRI, the local name, the printed label or the printed number; with a room before '#', ':' or a space, of
    that room alone. Raises GuidelineUnknown with what comes near, or with the candidates if a label or a number is
    that of several.

    >>> from reasoner import Library
    >>> [local(one) for one in criteria_named(Library.read(), "cervical-spine 1.g")]
    ['compressed-cord-with-disturbed-gait']
    """
    known = sorted({*library.criteria.compiled, *(one.iri for one in library.recommendations)})
    wanted = name.strip() if "://" in name else _WITHIN.sub("#", name.strip(), count=1)
    found = [iri for iri in known if wanted in (iri, local(iri), iri.rsplit("/", 1)[-1])]
    if found:
        return found
    told = {_folded(one) for one in (wanted.replace("#", " "), wanted.rpartition(",")[0]) if one}
    found = [iri for iri in known if not told.isdisjoint(map(_folded, _printed(library, iri)))]
    if len(found) > 1:
        some = "; ".join(f"{_place(library, iri)} ({library.label(iri)})" for iri in found[:_MOST_CANDIDATES])
        more = f"; and {len(found) - _MOST_CANDIDATES} more" if len(found) > _MOST_CANDIDATES else ""
        what = f"{name!r} is the label or the number of {len(found)} criteria."
        raise GuidelineUnknown("criterion.ambiguous", what, mend=f"Name one of: {some}{more}.")
    if not found:
        sayings = {local(iri): (library.label(iri),) for iri in known}
        near = nearest(name, sayings, sayings=sayings)
        mend = f"Did you mean {near}?" if near else "Name it as the report does: by its label, or room and number."
        raise GuidelineUnknown("criterion.unknown", f"There is no criterion {name!r}.", mend=mend)
    return found


def _printed(library: Library, iri: str) -> Iterator[str]:
    """The ways in which a report prints a criterion; numbers keep their points."""
    yield library.label(iri)
    number = library.graph.text(iri, SKOS + "notation")
    if number:
        yield number
        yield _place(library, iri)


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace(",", " ").strip("[] ").split())


def _place(library: Library, iri: str) -> str:
    return f"{local(iri.rsplit('#', 1)[0])} {library.graph.text(iri, SKOS + 'notation')}".strip()
