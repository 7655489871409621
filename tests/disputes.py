"""A small request that is left open, and what may be added to it."""

from __future__ import annotations

from typing import Final

_PREFIXES: Final = """
@prefix : <#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix ref: <https://w3id.org/spine-reasoner/reference#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_REQUEST: Final = """
<> a case:Case ; case:label "Herniation at L4-L5, discectomy" ;
    case:hasPatient [ a case:Patient ; case:ageInYears 44 ] ;
    case:hasRequest [ a case:Request ; case:requestedOn "2026-03-02"^^xsd:date ; SCOPE case:asksFor :discectomy ] ;
    case:hasDocument :mri , :note ;
    case:records :disc , :leg .
:discectomy a spine:Discectomy ; case:atLevel spine:L4-L5 ; case:onSide spine:Left .
:mri a case:LumbarMriReport ; case:writtenOn "2026-01-20"^^xsd:date ; case:isExcerpt true .
:note a case:ClinicNote ; case:writtenOn "2026-02-10"^^xsd:date .
:disc a spine:DiscExtrusion ; case:atLevel spine:L4-L5 ; case:onSide spine:Left ;
    case:hasSeverity spine:Severe ; case:statedIn :mri .
:leg a spine:Radiculopathy ; case:ofRoot spine:RootL5 ; case:onSide spine:Left ; case:statedIn :note .
"""
_CARE: Final = """
<> a case:Case ; case:hasDocument :therapy , :letter ; case:records :course , :cramp .
:therapy a case:KIND ; case:writtenOn "2026-03-20"^^xsd:date ; case:label "What the therapist wrote" .
:letter a case:RequestLetter ; case:writtenOn "2026-03-25"^^xsd:date .
:course a spine:PhysicalTherapy ; case:hasFormat spine:FormalInPerson ; case:startDate "2025-12-15"^^xsd:date ;
    case:endDate "2026-02-28"^^xsd:date ; case:hasResponse spine:NoRelief ; case:statedIn :therapy .
:cramp a spine:BackPain ; case:statedIn :letter .
"""


def request(scope: str = "", more: str = "") -> bytes:
    """A herniation with sciatica and no word on care: what is asked for stays open."""
    return (_PREFIXES + _REQUEST.replace("SCOPE", scope) + more).encode()


def care(kind: str = "TherapyNote", more: str = "") -> bytes:
    """What is added later: a course of care in a document of some kind, and a letter that adds nothing to the point."""
    return (_PREFIXES + _CARE.replace("KIND", kind) + more).encode()


def told(body: str) -> bytes:
    """A case from its body alone."""
    return (_PREFIXES + body).encode()
