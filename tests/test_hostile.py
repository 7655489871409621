"""Whatever is no case is refused, by a stable code, quickly, and without repeating what the record says."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.case import CaseProblems, read_case
from reasoner.errors import CaseMalformed, CaseUnreadable, OntologyInconsistent, SpineReasonerError
from reasoner.vocabulary import RECORD
from tests.examples import library
from tests.small_world import GOOD, schema, turtle

SMALL = schema()
CANARY = "Zaphod Q. Canary 1979"
START = (
    "<> a case:Case ; case:hasPatient [ case:ageInYears 57 ] ; case:hasRequest [ case:asksFor :op ] .\n"
    ":op a spine:Laminectomy . "
)


def refusal(data: bytes, name: str = "case.ttl", media_type: str | None = None) -> SpineReasonerError:
    """The error that a case raises."""
    with pytest.raises(SpineReasonerError) as caught:
        read_case(data, schema=SMALL, name=name, media_type=media_type)
    return caught.value


def codes(error: SpineReasonerError) -> set[str]:
    """All codes of an error."""
    return {one.code for one in error.problems} if isinstance(error, CaseProblems) else {error.code}


STATEMENTS = {
    # words
    "class-misspelt": ("<> case:records [ a spine:BakPain ] .", "case.term-unknown"),
    "class-unknown": ("<> case:records [ a <http://example.org/Thing> ] .", "case.term-unknown"),
    "class-as-text": ('<> case:records [ a "spine:BackPain" ] .', "case.term-unknown"),
    "property-misspelt": ("<> case:records [ a spine:BackPain ; case:hasSeverty spine:Severe ] .", "case.term-unknown"),
    "property-elsewhere": ("<> <http://schema.org/name> 'x' .", "case.term-unknown"),
    "value-misspelt": ("<> case:records [ a spine:BackPain ; case:hasSeverity spine:Sever ] .", "case.term-unknown"),
    "value-of-another-kind": (
        "<> case:records [ a spine:BackPain ; case:hasSeverity spine:Left ] .",
        "case.value-misplaced",
    ),
    "value-as-text": ("<> case:records [ a spine:BackPain ; case:hasSeverity 'Severe' ] .", "case.value-misplaced"),
    "property-misplaced": ("<> case:ageInYears 3 .", "case.property-misplaced"),
    "untyped": ("<> case:records [ case:hasSeverity spine:Severe ] .", "case.untyped"),
    "undescribed": ("<> case:records :nobody .", "case.undescribed"),
    "wrong-node": ("<> case:records :op .", "case.value-misplaced"),
    "code-unknown": (":op case:hasCode code:99999 .", "case.code-unknown"),
    # levels
    "level-unknown": (":op case:atLevel spine:L6 .", "case.level"),
    "level-as-text": (":op case:atLevel 'L4-L5' .", "case.level"),
    "level-of-another-kind": (":op case:atLevel spine:Left .", "case.level"),
    "half-a-range": (":op case:fromLevel spine:L3 .", "case.level"),
    "range-and-level": (":op case:fromLevel spine:L3 ; case:toLevel spine:L5 ; case:atLevel spine:L4 .", "case.level"),
    "range-upside-down": (":op case:fromLevel spine:L5 ; case:toLevel spine:L3 .", "case.range-upside-down"),
    "own-level": (":op case:atLevel :mine . :mine a spine:Vertebra .", "case.class-misplaced"),
    # one value
    "two-severities": (
        "<> case:records [ a spine:BackPain ; case:hasSeverity spine:Mild , spine:Severe ] .",
        "case.functional",
    ),
    "two-slips": ("<> case:records [ a spine:Spondylolisthesis ; case:slipInMillimetres 3 , 4 ] .", "case.functional"),
    "exact-and-span": (
        "<> case:records [ a spine:Spondylolisthesis ; case:slipInMillimetres 3 ; case:slipInMillimetresAtLeast 2 ] .",
        "case.exact-and-span",
    ),
    "span-upside-down": (
        "<> case:records [ a spine:BackPain ; case:slipInMillimetresAtLeast 5 ; case:slipInMillimetresAtMost 4.9 ] .",
        "case.range-upside-down",
    ),
    "grades-upside-down": (
        "<> case:records [ a spine:BackPain ; case:hasSeverityAtLeast spine:Severe ; case:hasSeverityAtMost spine:Mild ] .",
        "case.range-upside-down",
    ),
    "two-units": (
        "<> case:records [ a spine:BackPain ; case:durationInDays 7 ; case:durationInWeeks 1 ] .",
        "case.two-units",
    ),
    # dates
    "no-such-day": ("<> case:records [ a spine:BackPain ; case:startDate '2026-02-30'^^xsd:date ] .", "case.date"),
    "zone": ("<> case:records [ a spine:BackPain ; case:startDate '2026-02-03Z'^^xsd:date ] .", "case.date"),
    "moment": (
        "<> case:records [ a spine:BackPain ; case:startDate '2026-02-03T24:00:00'^^xsd:dateTime ] .",
        "case.date",
    ),
    "date-as-text": ("<> case:records [ a spine:BackPain ; case:startDate '02/03/2026' ] .", "case.date"),
    "year-zero": ("<> case:records [ a spine:BackPain ; case:startDate '0000'^^xsd:gYear ] .", "case.date"),
    "arabic-date": ("<> case:records [ a spine:BackPain ; case:startDate '٢٠٢٦'^^xsd:gYear ] .", "case.date"),
    "ends-before-it-starts": (
        "<> case:records [ a spine:BackPain ; case:startDate '2026'^^xsd:gYear ; case:endDate '2025-12'^^xsd:gYearMonth ] .",
        "case.date-order",
    ),
    # the whole
    "absence-of-nothing": ("<> case:records [ a case:Absence ] .", "case.incomplete"),
    "line-without-code": (":op case:hasCodeLine [ case:unitCount 2 ] .", "case.incomplete"),
    "two-patients": ("<> case:hasPatient [ case:ageInYears 8 ] .", "case.functional"),
    "patient-aside": (":p a case:Patient .", "case.two-patients"),
    "two-cases": (":c a case:Case .", "case.two-cases"),
    "unconnected": (":pain a spine:BackPain .", "case.unconnected"),
    "circle-of-causes": (
        "<> case:records :a . :a a spine:BackPain ; case:dueTo :b . :b a spine:BackPain ; case:dueTo :a .",
        "case.circular",
    ),
    "own-cause": ("<> case:records :a . :a a spine:BackPain ; case:dueTo :a .", "case.circular"),
    "circle-of-steps": (":op case:followsStep :op .", "case.circular"),
    # the case may not speak about the world
    "derived-class": ("<> case:records [ a spine:PathologicalFracture ] .", "case.derived"),
    "derived-property": ("<> case:records [ a spine:BackPain ; case:daysBefore 3 ] .", "case.derived"),
    "necessity-class": ("<> a <https://w3id.org/spine-reasoner/necessity#Determination> .", "case.term-unknown"),
    "ready-answer": (
        "<> <https://w3id.org/spine-reasoner/necessity#hasOutcome> <https://w3id.org/spine-reasoner/necessity#Necessary> .",
        "case.predicate",
    ),
    "subclass": (
        "spine:BackPain <http://www.w3.org/2000/01/rdf-schema#subClassOf> spine:SpinalNeoplasm .",
        "case.foreign-subject",
    ),
    "own-subclass": (":op <http://www.w3.org/2000/01/rdf-schema#subClassOf> spine:SpinalNeoplasm .", "case.predicate"),
    "same-as": (":op <http://www.w3.org/2002/07/owl#sameAs> :other .", "case.predicate"),
    "owl-nothing": ("<http://www.w3.org/2002/07/owl#Nothing> a spine:BackPain .", "case.foreign-subject"),
    "deactivated": (":op <http://www.w3.org/ns/shacl#deactivated> true .", "case.predicate"),
    "reification": (":s <http://www.w3.org/1999/02/22-rdf-syntax-ns#subject> :op .", "case.predicate"),
    "threshold": ("<https://w3id.org/spine-reasoner/guideline/x#c> case:note 'x' .", "case.foreign-subject"),
    "reserved-name": ("<#_c14n0> a spine:BackPain . <> case:records <#_c14n0> .", "case.foreign-subject"),
    "lost-hash": ("<> case:records <pain> . <pain> a spine:BackPain .", "case.foreign-subject"),
    "script-name": (
        "<> case:records <javascript:alert(1)> . <javascript:alert(1)> a spine:BackPain .",
        "case.foreign-subject",
    ),
    "bidi-name": ("<> case:records <urn:a\u202eb> . <urn:a\u202eb> a spine:BackPain .", "case.foreign-subject"),
    "control-in-text": ("<> case:note 'a\\u0007b' .", "case.text"),
    "number-as-text": ("<> case:note 5 .", "case.text"),
    "true-as-text": ("<> case:records [ a spine:BackPain ; case:isProgressive 'yes' ] .", "case.boolean"),
}


@pytest.mark.parametrize(("statement", "code"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_statement_is_refused(statement: str, code: str) -> None:
    error = refusal(turtle(START + statement))
    assert code in codes(error)
    assert isinstance(error, CaseMalformed)


def test_the_start_itself_is_a_case() -> None:
    assert read_case(turtle(START), schema=SMALL).iri == RECORD


NUMBERS = [
    "'Infinity'^^xsd:decimal",
    "'INF'^^xsd:double",
    "'NaN'^^xsd:decimal",
    "'1e3'^^xsd:decimal",
    "1e3",
    "'1e999999999'^^xsd:decimal",
    "'7'^^xsd:negativeInteger",
    "'1_000'^^xsd:integer",
    "'\u0667'^^xsd:integer",
    "'\uff17'^^xsd:decimal",
    "' 7'^^xsd:integer",
    "'7\\n'^^xsd:integer",
    "'7'",
    "'7'@en",
    "'P7D'^^xsd:duration",
    "'0x7'^^xsd:integer",
    "true",
    "spine:Severe",
    "[]",
    "(7)",
    "'" + "9" * 5000 + "'^^xsd:integer",
    "-1",
    "61",
]


@pytest.mark.parametrize("number", NUMBERS, ids=[number[:24] for number in NUMBERS])
def test_number_is_refused(number: str) -> None:
    statement = f"<> case:records [ a spine:Spondylolisthesis ; case:slipInMillimetres {number} ] ."
    assert codes(refusal(turtle(START + statement))) & {"case.number", "case.number-range", "case.value-misplaced"}


def test_whole_numbers_are_whole() -> None:
    assert codes(refusal(turtle(START.replace("57", "57.5")))) == {"case.number"}
    assert codes(refusal(turtle(START.replace("57", "121")))) == {"case.number-range"}


WHOLES = {
    "nothing": ("", "case.no-case"),
    "no-patient": (
        "<> a case:Case ; case:hasRequest [ case:asksFor :op ] . :op a spine:Laminectomy .",
        "case.no-patient",
    ),
    "no-request": ("<> a case:Case ; case:hasPatient [ case:ageInYears 7 ] .", "case.no-request"),
    "empty-request": ("<> a case:Case ; case:hasPatient [ ] ; case:hasRequest [ ] .", "case.empty-request"),
}


@pytest.mark.parametrize(("text", "code"), WHOLES.values(), ids=WHOLES.keys())
def test_incomplete_case_is_refused(text: str, code: str) -> None:
    assert code in codes(refusal(turtle(text)))


def test_disjoint_classes_name_the_axiom() -> None:
    error = refusal(turtle(START + "<> case:records :op . :op a spine:BackPain ."))
    assert isinstance(error, OntologyInconsistent)
    assert "Evidence and Procedure disjoint" in str(error)


UNREADABLE = {
    "rdf-xml": (b"<rdf:RDF/>", "case.rdf", None, "case.media-type"),
    "media-type": (b"{}", "case", "image/png", "case.media-type"),
    "n3": (b"", "case", "text/n3", "case.media-type"),
    "charset": (GOOD.encode(), "case", "text/turtle; charset=utf-16", "case.encoding"),
    "utf-16": (GOOD.encode("utf-16"), "case.ttl", None, "case.encoding"),
    "latin-1": (turtle("<> case:note 'é' .").decode().encode("latin-1"), "case.ttl", None, "case.encoding"),
    "null-bytes": (b"\x00" * 10, "case.ttl", None, "case.encoding"),
    "large": (b" " * 2_000_001, "case.ttl", None, "case.too-large"),
    "syntax": (turtle("<> a case:Case ;; ; ; case:note 'unended ."), "case.ttl", None, "case.syntax"),
    "prefix": (b"<> a case:Case .", "case.ttl", None, "case.syntax"),
    "named-graph": (turtle("<urn:g> { <> a case:Case }"), "case.trig", None, "case.named-graph"),
    "triple-term": (turtle("<> case:note <<( <> <urn:p> <> )>> ."), "case.ttl", None, "case.triple-term"),
    "annotation": (turtle("<> case:note 'x' {| case:note 'y' |} ."), "case.ttl", None, "case.triple-term"),
    "deep-lists": (turtle("<> case:note " + "(" * 100_000), "case.ttl", None, "case.too-deep"),
    "deep-nodes": (turtle("<> case:note " + "[ case:note " * 100_000), "case.ttl", None, "case.too-deep"),
    "deep-behind-escapes": (turtle("<> case:note " + "( :a\\) " * 4_000), "case.ttl", None, "case.too-deep"),
    "deep-behind-comments": (turtle("<> case:note " + "( # )\n" * 4_000), "case.ttl", None, "case.too-deep"),
    "deep-behind-strings": (turtle("<> case:note " + "( ')' " * 4_000), "case.ttl", None, "case.too-deep"),
    "deep-behind-iris": (turtle("<> case:note " + "( <urn:)> " * 4_000), "case.ttl", None, "case.too-deep"),
    "deep-json": (b'{"records":' * 4_000, "case.json", None, "case.too-deep"),
    "deep-json-lists": (b"[" * 4_000, "case.json", None, "case.too-deep"),
    "prefixes": (b"@prefix a: <urn:a> .\n" * 1_001, "case.ttl", None, "case.too-large"),
    "triples": (
        turtle("<> case:note " + ",".join(f"'{n}'" for n in range(20_001)) + " ."),
        "case.ttl",
        None,
        "case.too-large",
    ),
    "blank-nodes": (
        turtle("<> case:records " + ",".join("[]" for _ in range(501)) + " ."),
        "case.ttl",
        None,
        "case.too-large",
    ),
    "long-iri": (turtle("<> case:note <urn:" + "a" * 3_000 + "> ."), "case.ttl", None, "case.too-large"),
    "long-text": (turtle("<> case:note '" + "a" * 70_000 + "' ."), "case.ttl", None, "case.too-large"),
    "json-list": (b"[]", "case.json", None, "case.syntax"),
    "json-comment": (b"{} // x", "case.json", None, "case.syntax"),
    "json-nan": (b'{"records":[{"type":"BackPain","slipInMillimetres":NaN}]}', "case.json", None, "case.number"),
    "json-key-twice": (b'{"type":"Case","type":"Case"}', "case.json", None, "case.duplicate-key"),
    "json-half-character": (b'{"note":"\\ud800"}', "case.json", None, "case.encoding"),
}


@pytest.mark.parametrize(("data", "name", "media_type", "code"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable_bytes_are_refused(data: bytes, name: str, media_type: str | None, code: str) -> None:
    started = time.perf_counter()
    error = refusal(data, name, media_type)
    assert isinstance(error, CaseUnreadable)
    assert error.code == code
    assert time.perf_counter() - started < 2


SYMMETRIC = {
    "clique": " ".join(f"_:n{i} case:statedIn _:n{j} ." for i in range(10) for j in range(10) if i != j),
    "chain": " ".join(f"_:n{i} case:dueTo _:n{i + 1} ." for i in range(300)),
    "tree": " ".join(f"_:n{i} case:dueTo _:n{2 * i} , _:n{2 * i + 1} ." for i in range(1, 240)),
    "hubs": " ".join(f"_:n{i} case:dueTo _:m{j} ." for i in range(2) for j in range(10)),
}


@pytest.mark.parametrize("shape", SYMMETRIC.values(), ids=SYMMETRIC.keys())
def test_symmetric_cases_are_refused_in_time(shape: str) -> None:
    nodes = sorted({word for word in shape.replace(",", " ").split() if word.startswith("_:")})
    text = START + shape.replace("case:statedIn", "case:dueTo") + f"<> case:records {' , '.join(nodes)} ."
    text += " ".join(f"{node} a spine:BackPain ." for node in nodes)
    started = time.perf_counter()
    assert codes(refusal(turtle(text))) & {"case.too-symmetric", "case.circular"}
    assert time.perf_counter() - started < 2


def test_strings_are_no_brackets() -> None:
    text = START + "<> case:note '" + "(" * 500 + '\' , """[ "[[" """ .'
    assert read_case(turtle(text), schema=SMALL).iri == RECORD


def base_json() -> dict[str, object]:
    """A case in JSON that is all right."""
    return {"hasPatient": {"ageInYears": 57}, "hasRequest": {"asksFor": {"type": "Laminectomy", "atLevel": "L4-L5"}}}


JSONS: dict[str, tuple[dict[str, object], str]] = {
    "key": ({"recods": []}, "case.term-unknown"),
    "key-of-a-class": ({"BackPain": "x"}, "case.term-unknown"),
    "keyword": ({"@graph": []}, "case.term-unknown"),
    "keyword-included": ({"@included": {}}, "case.term-unknown"),
    "keyword-reverse": ({"@reverse": {}}, "case.term-unknown"),
    "context": ({"@context": "http://evil.example/context.jsonld"}, "case.context"),
    "context-file": ({"@context": "file:///etc/passwd"}, "case.context"),
    "context-inline": ({"@context": {"records": "urn:x"}}, "case.context"),
    "context-list": ({"@context": [None]}, "case.context"),
    "inner-context": ({"records": {"@context": "http://evil.example", "type": "BackPain"}}, "case.term-unknown"),
    "value-object": ({"note": {"@value": "x"}}, "case.text"),
    "null": ({"records": None}, "case.empty-value"),
    "list-in-list": ({"records": [[]]}, "case.empty-value"),
    "class": ({"records": {"type": "BakPain"}}, "case.term-unknown"),
    "no-class": ({"records": {"atLevel": "L4"}}, "case.untyped"),
    "class-as-number": ({"records": {"type": 5}}, "case.term-unknown"),
    "level": ({"records": {"type": "BackPain", "atLevel": "L4-6"}}, "case.level"),
    "level-range": ({"records": {"type": "BackPain", "atLevel": "L4-S1"}}, "case.level"),
    "level-twice": ({"records": {"type": "BackPain", "atLevel": ["L4-5", "L4-L5"]}}, "case.duplicate-level"),
    "value": ({"records": {"type": "BackPain", "hasSeverity": "Sever"}}, "case.term-unknown"),
    "value-of-another-kind": ({"records": {"type": "BackPain", "hasSeverity": "Left"}}, "case.value-misplaced"),
    "value-as-number": ({"records": {"type": "BackPain", "hasSeverity": 4}}, "case.term-unknown"),
    "value-as-truth": ({"records": {"type": "BackPain", "hasSeverity": True}}, "case.term-unknown"),
    "code": ({"hasRequest": {"asksFor": {"type": "Laminectomy", "hasCode": "99999"}}}, "case.code-unknown"),
    "exponent": ({"records": {"type": "BackPain", "slipInMillimetres": 1e30}}, "case.number"),
    "fraction": ({"hasPatient": {"ageInYears": 57.0}}, "case.number"),
    "age-as-truth": ({"hasPatient": {"ageInYears": True}}, "case.value-misplaced"),
    "number-as-note": ({"note": 5}, "case.text"),
    "day": ({"records": {"type": "BackPain", "startDate": "2026-02-30"}}, "case.date"),
    "date-in-words": ({"records": {"type": "BackPain", "startDate": "last March"}}, "case.date"),
    "id-with-space": ({"records": {"id": "#a b", "type": "BackPain"}}, "case.id"),
    "id-without-hash": ({"records": {"id": "pain", "type": "BackPain"}}, "case.id"),
    "id-of-the-reader": ({"records": {"id": "#_c14n0", "type": "BackPain"}}, "case.foreign-subject"),
    "id-of-the-world": (
        {"records": {"id": "https://w3id.org/spine-reasoner/spine#L4", "type": "BackPain"}},
        "case.foreign-subject",
    ),
    "id-that-no-iri-can-be": ({"records": {"id": "urn:a>b", "type": "BackPain"}}, "case.json-lost"),
    "id-twice": ({"records": {"id": "#a", "@id": "#b", "type": "BackPain"}}, "case.id"),
}


@pytest.mark.parametrize(("change", "code"), JSONS.values(), ids=JSONS.keys())
def test_json_is_refused(change: dict[str, object], code: str) -> None:
    assert code in codes(refusal(json.dumps(base_json() | change).encode(), "case.json"))


def test_the_json_itself_is_a_case() -> None:
    assert read_case(json.dumps(base_json()).encode(), schema=SMALL).iri == RECORD


def test_suggestions() -> None:
    assert "Did you mean 'BackPain'?" in str(refusal(turtle(START + "<> case:records [ a spine:BakPain ] .")))
    change = {"records": {"type": "BackPain", "hasSeverity": "sever", "atLevel": "L4-S1"}}
    text = str(refusal(json.dumps(base_json() | change).encode(), "case.json"))
    assert "Did you mean 'Severe'?" in text
    assert '"fromLevel": "L4", "toLevel": "S1"' in text


def test_an_unknown_level_is_told_what_levels_there_are() -> None:
    told = str(refusal(turtle(START + ":op case:atLevel spine:Q7 .")))
    assert "There is no level 'Q7'." in told
    assert "Levels are L3 to L5 and S1; segments such as L3-L4." in told
    change = {"records": {"type": "BackPain", "atLevel": "Q7"}}
    assert "Levels are L3 to L5 and S1; segments such as L3-L4." in str(
        refusal(json.dumps(base_json() | change).encode(), "a.json")
    )


def test_the_levels_of_a_range_are_vertebrae_alone() -> None:
    told = str(refusal(turtle(START + ":op case:fromLevel spine:Q7 ; case:toLevel spine:L5 .")))
    assert "Levels are L3 to L5 and S1. [case.level]" in told


def test_the_levels_of_the_whole_spine_are_told_in_runs_with_regions_by_name() -> None:
    with pytest.raises(CaseMalformed) as caught:
        read_case(turtle(START + ":op case:atLevel spine:L7 ."), schema=library().schema, name="case.ttl")
    told = str(caught.value)
    assert "Levels are Occiput, C1 to C7, T1 to T12, L1 to L5, S1 to S5 and Pelvis; segments such as " in told
    assert "LumbarSpine, " in told
    assert "SacroiliacJoint" in told


def test_a_near_level_is_suggested_and_all_are_told() -> None:
    told = str(refusal(turtle(START + ":op case:atLevel spine:L4-L9 .")))
    assert "Did you mean 'L4'? Levels are " in told


def test_a_name_that_is_no_level_is_not_called_unknown() -> None:
    assert "'Left' is no value of 'Level'." in str(refusal(turtle(START + ":op case:atLevel spine:Left .")))


def test_a_short_list_of_values_is_told_whole_in_its_own_order() -> None:
    told = str(refusal(turtle(START + "<> case:records [ a spine:BackPain ; case:hasSeverity spine:Left ] .")))
    assert "Use Mild, Moderate, ModerateToSevere or Severe." in told
    change = {"records": {"type": "BackPain", "hasSeverity": "Zq"}}
    told = str(refusal(json.dumps(base_json() | change).encode(), "case.json"))
    assert "Use Mild, Moderate, ModerateToSevere or Severe." in told


def test_a_long_list_of_values_is_not_told() -> None:
    told = str(refusal(turtle(START + "<> case:records [ a case:Absence ; case:ofKind spine:Zq ] .")))
    assert "Use a name of the vocabulary." in told


def test_all_problems_come_at_once_with_lines() -> None:
    error = refusal(
        turtle(START + "\n<> case:records [ a spine:BakPain ] .\n:op case:atLevel spine:L6 ; case:note 5 .")
    )
    assert isinstance(error, CaseProblems)
    lines = {one.code: one.line for one in error.problems}
    assert lines == {"case.term-unknown": 8, "case.level": 9, "case.text": 9}


def test_problems_stop_at_twenty() -> None:
    many = "".join(f"<> case:records [ a spine:Ba{n}Pain ] ." for n in range(100))
    error = refusal(turtle(START + many))
    assert isinstance(error, CaseProblems)
    assert len(error.problems) == 20


CANARYS = [
    turtle(START + f"<> case:label '{CANARY}' ; case:ageInYears 4 ."),
    turtle(START + f"<> case:records [ a spine:BackPain ; case:note '{CANARY}' ; case:startDate '{CANARY}' ] ."),
    turtle(
        START
        + f"<> case:records [ a spine:BackPain ; case:slipInMillimetres '{CANARY}' ; case:hasSeverity '{CANARY}' ] ."
    ),
    turtle(START + f"<> case:note '{CANARY}' '{CANARY}' ."),
    turtle(START + f"<> case:note '{CANARY} ."),
    turtle(START + "<> case:records <urn:Zaphod> ."),
    json.dumps(base_json() | {"records": {"type": CANARY}}).encode(),
    json.dumps(base_json() | {"records": {"type": "BackPain", "hasSeverity": CANARY, "startDate": CANARY}}).encode(),
    json.dumps(base_json() | {"hasPatient": {"id": CANARY, "ageInYears": CANARY}}).encode(),
    json.dumps(base_json() | {CANARY: 5}).encode(),
    json.dumps(base_json() | {"@context": CANARY}).encode(),
    b'{"note": "' + CANARY.encode() + b"}",
]


@pytest.mark.parametrize("data", CANARYS)
def test_errors_do_not_repeat_the_record(data: bytes) -> None:
    error = refusal(data, "case")
    assert "Zaphod" not in str(error)
    assert "Zaphod" not in repr(error)
    assert error.__cause__ is None


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for name in ("case.ttl", "case.json", "case.trig", "case.nt"):
        refusal(data, name)


FRAGMENTS = st.sampled_from(
    [*"()[]{}<>.;,#\"'\\@:_ \n", '"""', "'''", "<<", "a", ":x", "case:note", "<urn:a>", "7", "true", "@en"]
)


@given(st.lists(FRAGMENTS, max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_turtle_is_read_or_refused(body: str) -> None:
    with suppress(SpineReasonerError):
        read_case(turtle(START + body), schema=SMALL)


TREES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from(["L4-L5", "BackPain", "#op", "Severe", ""]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["type", "id", "@id", "records", "hasSeverity", "atLevel", "note", "startDate", "dueTo", "@value"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(TREES)
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(tree: object) -> None:
    with suppress(SpineReasonerError):
        read_case(json.dumps(base_json() | {"records": tree}).encode(), schema=SMALL, name="case.json")


def test_hostile_spelling_of_marks_takes_linear_time() -> None:
    for piece in ('"\\', "'\\", '"""\\', "<\\", "\\", '"a', "<a", "#", "(' "):
        started = time.perf_counter()
        refusal((piece * (1_900_000 // len(piece.encode()))).encode(), "case.ttl")
        assert time.perf_counter() - started < 5


LARGE = {
    "steps-in-a-row": "".join(f":n{n} a spine:Laminectomy ; case:followsStep :n{n + 1} . " for n in range(9_000))
    + ":n9000 a spine:Laminectomy . :op case:followsStep :n0 .",
    "unknown-properties": "".join(f"<> case:recordz{n} 5 . " for n in range(19_000)),
    "unknown-classes": "".join(f":n a spine:X{n} . " for n in range(19_000)),
    "misspelt-alike": "".join("<> case:records [ a spine:BakPain ] . " for _ in range(480)),
    "unconnected": "".join(f":n{n} a spine:BackPain . " for n in range(19_000)),
}


@pytest.mark.parametrize("statements", LARGE.values(), ids=LARGE.keys())
def test_large_cases_are_settled_in_time(statements: str) -> None:
    started = time.perf_counter()
    with suppress(SpineReasonerError):
        read_case(turtle(START + statements), schema=SMALL)
    assert time.perf_counter() - started < 3
