"""Short cases in Turtle: what is asked for and planned, and what is on record, under one head."""

from __future__ import annotations

import re

from reasoner.door import Determination, determine
from tests.generated import library

_HEAD = """@prefix : <#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<> a case:Case ; case:hasPatient [ a case:Patient ; case:ageInYears 60 ] ; case:hasRequest :request .
:request a case:Request .
"""
UNSTABLE = """
:canal a spine:CanalStenosis ; case:atLevel spine:L4-L5 ; case:hasSeverity spine:Severe .
:slip a spine:Spondylolisthesis ; case:atLevel spine:L4-L5 ; case:hasSlipGrade spine:SlipGrade1 .
:movement a spine:DynamicTranslation ; case:atLevel spine:L4-L5 ; case:translationInMillimetres 6 .
:claudication a spine:NeurogenicClaudication .
:pain a spine:BackPain .
:care a spine:PhysicalTherapy ; case:durationInWeeks 12 ; case:hasResponse spine:NoRelief .
"""
"""A slip that moves under a severe stenosis of L4-L5, with claudication and back pain after therapy that failed."""


def asked(services: str, record: str = "", *, planned: str = "") -> Determination:
    """A case from the services that are asked for or planned, and what is on record, determined."""
    links = [
        f"{subject} {path} {name} ."
        for subject, path, text in (
            (":request", "case:asksFor", services),
            (":request", "case:plansStep", planned),
            ("<>", "case:records", record),
        )
        for name in re.findall(r"^(:\w+) a ", text, re.MULTILINE)
    ]
    return determine(library(), "\n".join([_HEAD, *links, services, planned, record]).encode())


def outcomes(found: Determination) -> dict[str, str]:
    """The outcome of every item, by the name of its procedure."""
    return {one["procedure"]: one["outcome"] for one in found.data["items"]}
