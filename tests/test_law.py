"""The law of two judges: met is what conforms to certain, not met what does not conform to possible, else open."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import rdflib
from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner import judges
from reasoner.answers import Answer
from reasoner.criteria import Leaf, judge_leaf
from reasoner.determine import Decision, decide
from reasoner.door import determine
from reasoner.library import bundled, guideline_name
from reasoner.quantities import close_quantities
from reasoner.readings import Reading
from reasoner.record import Record
from reasoner.statement import _node, authored_shapes, to_rdflib
from reasoner.terms import RDF_TYPE, Graph
from reasoner.thresholds import specimens
from reasoner.vocabulary import ITEM, NECESSITY, RECORD, SH
from reasoner.worked import read_worked
from tests.generated import library, parts
from tests.law import answered, differences, readings

ROOT: Final = bundled()
EXAMPLES: Final = sorted((ROOT / "examples").glob("*.ttl"))
WORKED: Final = sorted((ROOT / "shapes").glob("*/cases/*.ttl"))
SAMPLE: Final = 7
SPECIMEN: Final = ITEM + "specimen"


@cache
def example(path: Path) -> Decision:
    """An example case, determined once."""
    return determine(library(), path.read_bytes()).decision


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_law_holds_for_every_answer_about_an_example(path: Path) -> None:
    decision = example(path)
    pairs = sorted(answered(decision))
    assert {criterion.split("#")[0] for _, criterion in pairs} <= decision.policy.counts
    assert differences(decision, pairs) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_pyshacl_bears_out_a_sample_of_the_answers_about_an_example(path: Path) -> None:
    decision = example(path)
    drawn = random.Random(path.stem)
    item = drawn.choice(sorted({item for item, _ in answered(decision)}))
    by_word: dict[str, list[tuple[str, str]]] = {}
    for pair, word in sorted(answered(decision).items()):
        if pair[0] == item:
            by_word.setdefault(word, []).append(pair)
    pairs = [pair for word in sorted(by_word) for pair in drawn.sample(by_word[word], min(SAMPLE, len(by_word[word])))]
    assert differences(decision, pairs, "pyshacl") == []


@pytest.mark.parametrize("path", WORKED, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_law_holds_for_every_answer_of_a_worked_cases_own_room(path: Path) -> None:
    decision = decide(library(), read_worked(library(), path).case)
    room = path.parent.parent.name
    pairs = [pair for pair in sorted(answered(decision)) if guideline_name(pair[1]) == room]
    assert differences(decision, pairs) == []


def test_a_wrong_answer_breaks_the_law() -> None:
    decision = determine(library(), EXAMPLES[0].read_bytes()).decision
    leaves = library().criteria.leaves
    pair = next(pair for pair, word in sorted(answered(decision).items()) if word == "not-met" and pair[1] in leaves)
    item, leaf = pair[0], leaves[pair[1]]
    assert differences(decision, [pair]) == []
    supplied = specimens(library(), leaf, leaf.wanted)
    close_quantities(Record(library(), decision.policy, supplied, RECORD, None))
    for triple in supplied:
        decision.record.graph.add(
            item if triple.subject == SPECIMEN else triple.subject, triple.predicate, triple.object
        )
    assert differences(decision, [pair]) == [f"{pair[1]} at {item}: answered not-met, judged met"]


def test_every_item_and_criterion_is_a_target_of_both_readings() -> None:
    decision = example(EXAMPLES[-1])
    pairs = sorted(answered(decision))
    wanted: dict[str, list[str]] = {}
    for item, criterion in pairs:
        wanted.setdefault(criterion, []).append(item)
    shapes = judges._targeted(readings(), wanted)
    for item, criterion in pairs:
        for reading in Reading:
            assert URIRef(item) in set(shapes.objects(reading.of(criterion), URIRef(SH + "targetNode")))
            assert (reading.of(criterion), RDF.type, None) in shapes


# On a record without spans and open contradictions, and without negation, the authored shapes are enough.


def test_without_spans_contradictions_and_negation_certain_judges_as_the_authored_shapes() -> None:
    data, expected = rdflib.Graph(), {}
    shapes = rdflib.Graph()
    for number, leaf in enumerate(plain_leaves()):
        shape = URIRef(f"https://example.org/authored/{number}")
        for source in (leaf.iri, leaf.shape.shape):
            _copy(authored_shapes(library()), _node(source), shapes)
        for part in ("path", "qualifiedValueShape", "qualifiedMinCount"):
            for value in shapes.objects(URIRef(leaf.iri), URIRef(SH + part)):
                shapes.add((shape, URIRef(SH + part), value))
        for name, graph in variants(leaf, number):
            data += to_rdflib(graph)
            expected[(shape, URIRef(name))] = judge_leaf(graph, name, leaf).answer is Answer.MET
            shapes.add((shape, URIRef(SH + "targetNode"), URIRef(name)))
    assert len(expected) > 2 * len(plain_leaves()) > 0
    named = sorted({shape for shape, _ in expected})
    failures = judges._by_pyshifty(data, shapes, named)
    found = {(shape, item): item not in failures[shape] for shape, item in expected}
    assert found == expected
    assert set(expected.values()) == {True, False}


def plain_leaves() -> list[Leaf]:
    """The leaves without negation whose numbers and grades a record states outright."""
    lib = library()
    spans_only = {path for path in lib.spans.low if path.startswith(NECESSITY)} | lib.spans.windows
    found = []
    for leaf in lib.criteria.leaves.values():
        inside = parts(leaf.shape.shape)
        paths = {lib.graph.node(one, SH + "path") for one in inside}
        if not paths & spans_only and not any(lib.graph.nodes(one, SH + "not") for one in inside):
            found.append(leaf)
    return sorted(found, key=lambda leaf: leaf.iri)


def variants(leaf: Leaf, number: int) -> list[tuple[str, Graph]]:
    """A record that passes a leaf, then one without each thing it states, then one that says nothing."""
    whole = specimens(library(), leaf, leaf.wanted)
    first = whole.nodes(SPECIMEN, leaf.path)[0]
    dropped: list[str | None] = [None, *(path for path in whole.index[first] if path != RDF_TYPE), leaf.path]
    found = []
    for at, path in enumerate(dropped):
        graph = specimens(library(), leaf, leaf.wanted)
        if path is not None:
            (graph.index[first] if path != leaf.path else graph.index[SPECIMEN]).pop(path)
        close_quantities(Record(library(), library().policy(None), graph, RECORD, None))
        name, fresh = f"{ITEM}{number}-{at}", f"{RECORD}#v-{number}-{at}"
        names = {node: f"{fresh}-{node.rsplit('#', 1)[-1]}" for node in graph.index} | {SPECIMEN: name}
        renamed = Graph()
        for subject, predicate, value in graph:
            known = names.get(value, value) if isinstance(value, str) else value
            renamed.add(names[subject], predicate, known)
        found.append((name, renamed))
    return found


def _copy(source: rdflib.Graph, start: Node, into: rdflib.Graph) -> None:
    waiting, seen = [start], set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for predicate, value in source.predicate_objects(one):
            if str(predicate).startswith((SH, str(RDF))):
                into.add((one, predicate, value))
                if isinstance(value, rdflib.BNode):
                    waiting.append(value)
