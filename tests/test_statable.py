"""What records of real reviews say can be said: each statement is read, determined and told."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from reasoner.case import Case, read_case
from reasoner.determine import decide
from reasoner.door import Determination
from reasoner.evidence import describe
from reasoner.layout import as_text
from reasoner.report import Audience, sections_of
from tests.generated import library

Json = dict[str, Any]

STATEMENTS: Final[dict[str, Json]] = {
    "formal therapy and drugs, six weeks in all": {
        "type": ["PhysicalTherapy", "Nsaid"],
        "durationInWeeks": 6,
        "hasFormat": "FormalInPerson",
        "hasResponse": "NoRelief",
    },
    "therapy six months ago": {"type": "PhysicalTherapy", "monthsBeforeRequest": 6},
    "an injection a year ago or longer": {"type": "EpiduralSteroidInjection", "yearsBeforeRequestAtLeast": 1},
    "a first operation three days ago": {"type": "PriorFusion", "daysBeforeRequest": 3},
    "care not exhausted": {"type": "ConservativeCare", "isCompleted": False},
    "no severe stenosis": {"type": "Absence", "ofKind": "SpinalStenosis", "hasSeverity": "Severe"},
    "no height loss above half": {
        "type": "Absence",
        "ofKind": "VertebralCollapse",
        "hasCollapseDegree": "CollapseOverHalf",
    },
    "severity not given": {"type": "NotDocumented", "ofKind": "SpinalStenosis", "note": "no grade"},
    "no report of magnetic resonance on file": {"type": "NotDocumented", "ofKind": "MriReport"},
    "phlegmon or abscess": {"type": "SpinalInfection", "note": "epidural phlegmon or abscess"},
    "cord compression without a level": {"type": "SpinalCordCompression", "hasSeverity": "Mild"},
    "a condition by its code": {"type": "DiscHerniation", "atLevel": "L5-S1", "hasDiagnosisCode": "M48.062"},
    "walks less than ten minutes": {"type": "WalkingDistanceLimitation", "walkingTimeInMinutesAtMost": 10},
    "walks half a block": {"type": "NeurogenicClaudication", "walkingDistanceInBlocks": 0.5},
    "stands a quarter of an hour": {"type": "NeurogenicClaudication", "standingTimeInMinutes": 15},
    "leg raise at fifteen degrees": {"type": "StraightLegRaise", "onSide": "Left", "legRaiseInDegrees": 15},
    "needs the rail": {"type": "Handrail"},
    "walker": {"type": "Walker"},
    "leg pain, right worse": {"type": "LegPain", "onSide": "Bilateral", "worseOnSide": "Right"},
    "numbness of hand and fingers": {"type": "SensoryDeficit", "inBodyPart": ["Hand", "Finger"], "onSide": "Right"},
    "tingling of the toes": {"type": "Paraesthesia", "inBodyPart": "Toe"},
    "weakness of the legs without a grade": {"type": "MotorWeakness", "inBodyPart": "Leg", "onSide": "Bilateral"},
    "trouble with balance": {"type": "BalanceImpairment"},
    "falls": {"type": "Fall"},
    "spasms": {"type": "MuscleSpasm"},
    "drops things": {"type": "FineMotorImpairment"},
    "a weak ankle jerk": {"type": "AnkleReflexLoss", "hasReflexGrade": "Reflex1", "onSide": "Left"},
    "Spurling": {"type": "SpurlingSign", "onSide": "Right"},
    "Lhermitte": {"type": "LhermitteSign"},
    "nerves of C6 on electromyography": {"type": "Denervation", "ofRoot": "RootC6", "onSide": "Left"},
    "three of five tests of the sacroiliac joint": {
        "type": "SacroiliacProvocationTest",
        "positiveTestCount": 3,
        "testCount": 5,
    },
    "a block with eighty per cent relief": {"type": "SacroiliacBlock", "reliefInPercent": 80, "reliefInHours": 4},
    "cotinine": {"type": "CotinineLevel", "cotinineInNanogramsPerMillilitre": 3, "weeksBeforeRequest": 4},
    "sugar": {"type": "HaemoglobinA1c", "hba1cInPercent": 7.1},
    "risk of anaesthesia": {"type": "HighAnaestheticRisk", "hasAsaClass": "AsaClass3"},
    "opioids for years": {"type": "ChronicOpioidUse", "durationInYears": 3},
    "screened for mood": {"type": "PsychologicalEvaluation"},
    "a trait that bodes ill": {"type": "PsychosocialRiskFactor"},
    "how it went": {"type": "PostoperativeCourse", "note": "stable, no pain"},
    "read out of a report that is not on file": {"type": "ForaminalStenosis", "atLevel": "L5-S1", "hasBasis": "Quoted"},
}
SERVICE: Final = {
    "type": "TransforaminalInterbodyFusion",
    "fromLevel": "L4",
    "toLevel": "S1",
    "onSide": "Left",
    "hasApproach": "PosteriorApproach",
    "hasStage": 1,
    "onDate": "2024-12-18",
    "usesDevice": "a cage of a named make",
    "hasDeviceStatus": "OffLabelUse",
    "hasCodeLine": {"hasCode": "22853", "unitCount": 2},
    "hasDiagnosisCode": "M48.062",
}


def case_of(*records: Json, service: Json | None = None) -> Case:
    """A case with some statements, and one service."""
    asked = {"type": "Request", "asksFor": service or {"type": "Laminectomy", "atLevel": "L4-L5"}}
    data = {
        "@context": "https://w3id.org/spine-reasoner/context.jsonld",
        "type": "Case",
        "hasPatient": {"type": "Patient"},
        "hasRequest": asked,
        "records": list(records),
    }
    text = json.dumps(data).encode()
    return read_case(text, schema=library().schema, media_type="application/ld+json", name="case.jsonld")


@pytest.mark.parametrize("told", STATEMENTS)
def test_a_statement_of_a_record_is_read_and_told(told: str) -> None:
    decision = decide(library(), case_of(STATEMENTS[told]))
    stated = [node for node in decision.record.evidence if node in decision.record.asserted]
    assert stated
    assert all(describe(decision, node) for node in stated)


@pytest.mark.parametrize(
    "service",
    [
        SERVICE,
        {"type": "AnteriorFusion"},
        {"type": "SpinalFusion"},
        {"type": "Decompression", "atLevel": "LumbarSpine"},
    ],
    ids=["all that a line of a request says", "no level", "a broad name", "a region alone"],
)
def test_a_request_is_determined_whatever_its_line_leaves_out(service: Json) -> None:
    found = Determination(decide(library(), case_of(*STATEMENTS.values(), service=service)))
    assert found.to_json()
    for audience in Audience:
        assert any(as_text("A case", sections_of(found, audience)))


def test_a_case_that_says_next_to_nothing_is_determined() -> None:
    assert decide(library(), case_of(service={"type": "SpinalFusion"})).outcome
