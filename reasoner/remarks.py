"""What is unusual about a case that can be read: facts that nothing asks about, and remarks of one kind in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reasoner.case import ReportLine
from reasoner.demands import Standing
from reasoner.evidence import is_role, leaves_of
from reasoner.terms import Literal
from reasoner.vocabulary import Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reasoner.case import Case as ReadCase
    from reasoner.criteria import Finding
    from reasoner.determine import DecidedItem, Decision

_FEW: Final = 3
_WARNING: Final = "Warning"
_KINDS: Final = ((Case.records, "fact"), (Case.hasDocument, "document"), (Case.asksFor, "service"))


def unread(decision: Decision) -> list[ReportLine]:
    """The facts, and the numbers of facts, that no criterion reads for anything that is requested."""
    read, nodes = _read(decision)
    schema, graph = decision.library.schema, decision.case.graph
    asked = {demand.path for leaf in decision.library.criteria.leaves.values() for demand in leaf.shape.demands}
    aside = {one.node for one in decision.record.set_aside}
    found = []
    for node in graph.nodes(decision.case.iri, Case.records):
        if node in aside or decision.record.has_type(node, Case.NotDocumented):
            continue
        name = decision.case.labels.get(node, node)
        if node not in nodes:
            found.append(ReportLine(_WARNING, name, "", "No criterion that is asked here reads it."))
            continue
        for path, values in graph.index[node].items():
            span = schema.span_of.get(path)
            family = (span.exact | span.low | span.high) if span else frozenset({path})
            number = any(isinstance(value, Literal) and value.number is not None for value in values)
            if number and family & asked and not any((node, one) in read for one in family):
                label = span.label if span else schema.name(path)
                found.append(ReportLine(_WARNING, name, path, f"No criterion that is asked here reads its {label}."))
    return found


def _read(decision: Decision) -> tuple[set[tuple[str, str]], set[str]]:
    """What the criteria looked at: nodes with their properties, and every node that any of it rests on."""
    pairs: set[tuple[str, str]] = set()
    nodes: set[str] = set()
    for one in decision.items:
        for leaf in _leaves(one):
            for value in leaf.values:
                if value.standing is Standing.FAILS and any(path.startswith("_:") for path in value.lacking):
                    continue  # It is of another kind than the one that is asked for.
                nodes.add(value.node)
                pairs.update((value.node, path) for path in value.lacking)
                for triple in value.evidence:
                    pairs.add((triple.subject, triple.predicate))
                    nodes.update(term for term in (triple.subject, triple.object) if isinstance(term, str))
    premises: dict[str, set[str]] = {}
    for derived in decision.record.derivations:
        premises.setdefault(derived.triple.subject, set()).update(derived.premises)
    todo = list(nodes)
    while todo:
        node = todo.pop()
        linked = decision.case.graph.index.get(node, {}).values()
        near = premises.get(node, set()) | {term for values in linked for term in values if isinstance(term, str)}
        fresh = near - nodes
        nodes |= fresh
        todo.extend(fresh)
    # Whatever is added up or worked out from a node is read through it.
    for subject, rests in premises.items():
        if subject in nodes and subject not in decision.case.graph.index and not is_role(decision, subject):
            pairs.update((node, path) for node in rests for path in decision.case.graph.index.get(node, ()))
    return pairs, nodes


def _leaves(one: DecidedItem) -> Iterator[Finding]:
    for judged in (*one.judged, *one.set_aside):
        asked: list[Finding] = [*judged.indications, *judged.exclusions, *judged.considerations]
        for prerequisite, waivers in judged.prerequisites:
            asked += [prerequisite, *waivers]
        for finding in asked:
            yield from leaves_of(finding)


def folded(case: ReadCase, lines: Iterable[ReportLine]) -> list[str]:
    """The remarks for reading: those of one kind in one line with their count, what few things share first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        groups.setdefault((line.severity, line.message), []).append(line.node)
    order = sorted(groups.items(), key=lambda one: (one[0][0] != "Violation", len(one[1])))
    return [f"{severity.lower()}: {_told(case, message, nodes)}" for (severity, message), nodes in order]


def _told(case: ReadCase, message: str, nodes: list[str]) -> str:
    if len(nodes) == 1:
        return f"{nodes[0]}: {message}"
    count = f"{len(nodes)} of them"
    for path, word in _KINDS:
        among = [case.labels.get(value) for node in case.graph.index for value in case.graph.nodes(node, path)]
        if set(nodes) <= set(among):
            count = f"{len(nodes)} of {len(among)} {word}s"
            break
    shown = dict.fromkeys(nodes)
    more = f"; and {len(shown) - _FEW} more" if len(shown) > _FEW else ""
    return f"{message.removesuffix('.')}: {count}: {'; '.join(list(shown)[:_FEW])}{more}"
