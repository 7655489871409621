"""Templates to fill in: a case that can be determined as it stands, and a room that stands in order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from reasoner.errors import CaseUnreadable, GuidelineMalformed
from reasoner.schema import CONTEXT_IRI
from reasoner.terms import XSD
from reasoner.thresholds import COLUMNS, FILE
from reasoner.vocabulary import CASE, GUIDELINE, NECESSITY, OWL, SH, SKOS, SPINE

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_JSON: Final = (".json", ".jsonld")
_TURTLE: Final = (".ttl", ".trig")

_CASE: Final = f"""\
@prefix : <#> .
@prefix case: <{CASE}> .
@prefix spine: <{SPINE}> .
@prefix xsd: <{XSD}> .

# Replace what stands here by what the record says; leave out what it does not say.
# Say only what a document states: what follows from it is worked out, and answers may not be stated.

<>
    a case:Case ;
    case:label "A case to fill in" ;
    case:hasPatient :patient ;
    case:hasRequest :request ;
    case:hasDocument :mri , :note ;
    case:records :claudication , :stenosis , :slip , :no-tumour , :therapy ;
    .

:patient
    a case:Patient ;
    case:ageInYears 61 ;
    case:hasSex spine:Female ;
    .

:request
    a case:Request ;
    case:requestedOn "2026-01-31"^^xsd:date ;
    case:hasReviewKind case:Prospective ;
    case:hasUrgency case:Routine ;
    case:asksFor :fusion ;
    .

# What is asked for: its class says what is done, its levels where.

:fusion
    a spine:PosterolateralFusion ;
    case:fromLevel spine:L4 ;
    case:toLevel spine:L5 ;
    .

# The documents, and what stands in each.

:mri
    a case:LumbarMriReport ;
    case:writtenOn "2025-11-15"^^xsd:date ;
    .

:note
    a case:ClinicNote ;
    case:writtenOn "2026-01-10"^^xsd:date ;
    case:hasAuthorRole spine:Surgeon ;
    .

:claudication
    a spine:NeurogenicClaudication ;
    case:atLevel spine:LumbarSpine ;
    case:durationInMonthsAtLeast 6 ;
    case:statedIn :note ;
    .

:stenosis
    a spine:CanalStenosis ;
    case:atLevel spine:L4-L5 ;
    case:hasSeverity spine:Severe ;
    case:statedIn :mri ;
    .

:slip
    a spine:Spondylolisthesis ;
    case:atLevel spine:L4-L5 ;
    case:hasDirection spine:Forward ;
    case:hasSlipGrade spine:SlipGrade1 ;
    case:statedIn :mri ;
    .

# What a document says is absent.

:no-tumour
    a case:Absence ;
    case:ofKind spine:SpinalNeoplasm ;
    case:statedIn :mri ;
    .

# What was tried, for how long, and with what result.

:therapy
    a spine:PhysicalTherapy ;
    case:atLevel spine:LumbarSpine ;
    case:hasFormat spine:FormalInPerson ;
    case:startDate "2025-08"^^xsd:gYearMonth ;
    case:endDate "2025-11-30"^^xsd:date ;
    case:hasResponse spine:InadequateRelief ;
    case:statedIn :note ;
    .
"""

_CASE_AS_JSON: Final[dict[str, Any]] = {
    "@context": CONTEXT_IRI,
    "label": "A case to fill in",
    "hasPatient": {"ageInYears": 61, "hasSex": "Female"},
    "hasRequest": {
        "requestedOn": "2026-01-31",
        "hasReviewKind": "Prospective",
        "hasUrgency": "Routine",
        "asksFor": {"id": "#fusion", "type": "PosterolateralFusion", "fromLevel": "L4", "toLevel": "L5"},
    },
    "hasDocument": [
        {"id": "#mri", "type": "LumbarMriReport", "writtenOn": "2025-11-15"},
        {"id": "#note", "type": "ClinicNote", "writtenOn": "2026-01-10", "hasAuthorRole": "Surgeon"},
    ],
    "records": [
        {
            "id": "#claudication",
            "type": "NeurogenicClaudication",
            "atLevel": "LumbarSpine",
            "durationInMonthsAtLeast": 6,
            "statedIn": "#note",
        },
        {"id": "#stenosis", "type": "CanalStenosis", "atLevel": "L4-L5", "hasSeverity": "Severe", "statedIn": "#mri"},
        {
            "id": "#slip",
            "type": "Spondylolisthesis",
            "atLevel": "L4-L5",
            "hasDirection": "Forward",
            "hasSlipGrade": "SlipGrade1",
            "statedIn": "#mri",
        },
        {"id": "#no-tumour", "type": "Absence", "ofKind": "SpinalNeoplasm", "statedIn": "#mri"},
        {
            "id": "#therapy",
            "type": "PhysicalTherapy",
            "atLevel": "LumbarSpine",
            "hasFormat": "FormalInPerson",
            "startDate": "2025-08",
            "endDate": "2025-11-30",
            "hasResponse": "InadequateRelief",
            "statedIn": "#note",
        },
    ],
}

_ROOM: Final = f"""\
@prefix : <{GUIDELINE}{{name}}#> .
@prefix case: <{CASE}> .
@prefix nec: <{NECESSITY}> .
@prefix owl: <{OWL}> .
@prefix sh: <{SH}> .
@prefix skos: <{SKOS}> .
@prefix spine: <{SPINE}> .

<{GUIDELINE}{{name}}>
    a owl:Ontology , nec:Guideline ;
    owl:versionIRI <{GUIDELINE}{{name}}/2026-01-01> ;
    owl:imports <{NECESSITY[:-1]}> ;
    skos:prefLabel "TITLE OF THE GUIDELINE"@en ;
    skos:definition "What this guideline decides, in one sentence."@en ;
    nec:clauses (
        :fuse-a-narrow-level
    ) ;
    .

### 1  TITLE OF THE FIRST PART

:fuse-a-narrow-level
    a nec:Recommendation ;
    skos:notation "1" ;
    skos:prefLabel "TITLE OF THE RECOMMENDATION"@en ;
    skos:definition "What is recommended, for whom and when, in one sentence."@en ;
    nec:direction nec:For ;
    nec:concerns spine:SpinalFusion ;
    nec:appliesIn spine:LumbarSpine ;
    nec:indications ( :slip-of-3-mm ) ;
    nec:restsOn :slip-from-3-mm ;
    .

:slip-of-3-mm
    a nec:Criterion , sh:PropertyShape ;
    skos:notation "1.a" ;
    skos:prefLabel "Slip of at least 3 mm"@en ;
    skos:definition "One vertebra has slipped on the next at the level by at least 3 mm."@en ;
    skos:example "Met: 3 mm. Not: 2.9 mm. Open: a slip that nobody measured."@en ;
    nec:restsOn :slip-from-3-mm ;
    nec:changeKind nec:Obtainable ;
    nec:asksFor "a standing radiograph with the slip measured"@en ;
    nec:setsGoal spine:RestoreStability ;
    sh:path nec:evidenceAtLevel ;
    sh:qualifiedMinCount 1 ;
    sh:qualifiedValueShape [
        sh:class spine:Spondylolisthesis ;
        sh:property [ sh:path case:slipInMillimetres ; sh:minCount 1 ; sh:minInclusive 3 ] ;
    ] ;
    sh:message "No slip of 3 mm or more is on record at this level."@en ;
    .

### Claims

:slip-from-3-mm
    a nec:Claim ;
    skos:prefLabel "TITLE OF THE CLAIM"@en ;
    skos:definition "What the source says, in our own words and of the size that can be true or false by itself."@en ;
    nec:value 3 ;
    nec:unit "mm" ;
    nec:comparator "at least" ;
    nec:hasAppraisal [
        a nec:Appraisal ;
        nec:verdict nec:Unverified ;
        nec:reason "No source is cited yet."@en ;
    ] ;
    .
"""

_WORKED: Final = f"""\
@prefix : <#> .
@prefix case: <{CASE}> .
@prefix nec: <{NECESSITY}> .
@prefix room: <{GUIDELINE}{{name}}#> .
@prefix skos: <{SKOS}> .
@prefix spine: <{SPINE}> .
@prefix xsd: <{XSD}> .

<>
    a case:Case , nec:WorkedCase ;
    skos:definition "{{story}}"@en ;
    nec:expects [ nec:criterion room:slip-of-3-mm ; nec:answer nec:{{answer}} ] ;
    case:hasPatient :patient ;
    case:hasRequest :request ;
    case:records :slip ;
    .

:patient
    a case:Patient ;
    case:ageInYears 61 ;
    .

:request
    a case:Request ;
    case:requestedOn "2026-01-31"^^xsd:date ;
    case:hasReviewKind case:Prospective ;
    case:hasUrgency case:Routine ;
    case:asksFor :fusion ;
    .

:fusion
    a spine:PosterolateralFusion ;
    case:fromLevel spine:L4 ;
    case:toLevel spine:L5 ;
    .

:slip
    a spine:Spondylolisthesis ;
    case:atLevel spine:L4-L5 ;
    case:slipInMillimetres {{slip}} ;
    .
"""

_STORIES: Final = (
    ("met.slip-of-3-mm.ttl", "A slip of exactly 3 mm.", "Met", "3"),
    ("not-met.slip-of-2-9-mm.ttl", "A slip just below 3 mm.", "NotMet", "2.9"),
)
_THRESHOLDS: Final = (
    COLUMNS,
    ("slip-of-3-mm", "slipInMillimetres", "2.9", "not-met"),
    ("slip-of-3-mm", "slipInMillimetres", "3", "met"),
)


def case_template(suffix: str) -> str:
    """A case to fill in, as Turtle or JSON-LD by a suffix.

    >>> case_template(".jsonld").splitlines()[1]
    '  "@context": "https://w3id.org/spine-reasoner/context.jsonld",'
    """
    return json.dumps(_CASE_AS_JSON, indent=2) + "\n" if suffix in _JSON else _CASE


def write_case(path: Path) -> None:
    """Write a case to fill in, as Turtle or JSON-LD by the suffix of its name.

    Raises CaseUnreadable if the suffix is neither, or if the file is there already.
    """
    if path.suffix not in (*_TURTLE, *_JSON):
        raise CaseUnreadable(
            "template.suffix", f"{path.name} says no syntax.", mend=f"End it with {', '.join((*_TURTLE, *_JSON))}."
        )
    if path.exists():
        raise CaseUnreadable("template.exists", f"{path} is there already.", mend="Choose another name.")
    path.write_text(case_template(path.suffix), encoding="utf-8")


def write_room(folder: Path, name: str) -> list[Path]:
    """Write a room to fill in below the `shapes` of a knowledge folder: a guideline, two worked cases, a table.

    Raises GuidelineMalformed if the name is not in kebab-case, or if there is such a room.
    """
    if _NAME.fullmatch(name) is None:
        raise GuidelineMalformed(
            "template.name", f"{name!r} is no name of a room.", mend="Write it like lumbar-fusion."
        )
    room = folder / "shapes" / name
    if room.exists():
        raise GuidelineMalformed("template.exists", f"There is a room {name} already.", mend="Choose another name.")
    cases = room / "cases"
    cases.mkdir(parents=True)
    table = "".join("\t".join(row) + "\n" for row in _THRESHOLDS)
    texts = {room / "guideline.ttl": _ROOM.format(name=name)}
    for file, story, answer, slip in _STORIES:
        texts[cases / file] = _WORKED.format(name=name, story=story, answer=answer, slip=slip)
    texts[cases / FILE] = table
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return list(texts)
