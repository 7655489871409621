"""What the contract shows as examples: the short case of the README, in the ways it can be sent."""

from __future__ import annotations

from typing import Any, Final

import orjson

from api import media
from reasoner.schema import CONTEXT_IRI
from reasoner.terms import RDF_TYPE, XSD
from reasoner.vocabulary import CASE, RECORD, SPINE

Json = dict[str, Any]

_CASE: Final[Json] = {
    "@context": CONTEXT_IRI,
    "label": "A short case: cauda equina signs under an extruded disc at L4-L5",
    "hasPatient": {"type": "Patient", "ageInYears": 47},
    "hasRequest": {
        "type": "Request",
        "requestedOn": "2026-03-02",
        "hasUrgency": "Emergency",
        "asksFor": {"id": "#discectomy", "type": "Discectomy", "atLevel": "L4-L5"},
    },
    "records": [
        {"id": "#disc", "type": "DiscExtrusion", "atLevel": "L4-L5"},
        {"id": "#saddle", "type": "SaddleAnaesthesia", "onsetDate": "2026-03-01"},
    ],
}
_FACTS: Final[Json] = {
    "@context": CONTEXT_IRI,
    "records": [{"id": "#bladder", "type": "UrinaryRetention", "onsetDate": "2026-03-01"}],
}
_TURTLE: Final = """@prefix case:  <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .

<> a case:Case ;
    case:hasPatient <#patient> ;
    case:hasRequest <#request> ;
    case:records    <#disc> .
<#patient> a case:Patient ; case:ageInYears 47 .
<#request> a case:Request ; case:asksFor <#discectomy> .
<#discectomy> a spine:Discectomy ; case:atLevel spine:L4-L5 .
<#disc> a spine:DiscExtrusion ; case:atLevel spine:L4-L5 .
"""

_N_TRIPLES: Final = "".join(
    f"<{RECORD}{subject}> <{predicate}> {value} .\n"
    for subject, predicate, value in (
        ("", RDF_TYPE, f"<{CASE}Case>"),
        ("", f"{CASE}hasPatient", f"<{RECORD}#patient>"),
        ("", f"{CASE}hasRequest", f"<{RECORD}#request>"),
        ("", f"{CASE}records", f"<{RECORD}#disc>"),
        ("#patient", RDF_TYPE, f"<{CASE}Patient>"),
        ("#patient", f"{CASE}ageInYears", f'"47"^^<{XSD}integer>'),
        ("#request", RDF_TYPE, f"<{CASE}Request>"),
        ("#request", f"{CASE}asksFor", f"<{RECORD}#discectomy>"),
        ("#discectomy", RDF_TYPE, f"<{SPINE}Discectomy>"),
        ("#discectomy", f"{CASE}atLevel", f"<{SPINE}L4-L5>"),
        ("#disc", RDF_TYPE, f"<{SPINE}DiscExtrusion>"),
        ("#disc", f"{CASE}atLevel", f"<{SPINE}L4-L5>"),
    )
)
_TRIG: Final = """@prefix case:  <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .

<urn:example:first> {
    <#first> a case:Case ; case:hasPatient <#patient> ; case:hasRequest <#request> .
    <#patient> a case:Patient ; case:ageInYears 47 .
    <#request> a case:Request ; case:asksFor <#discectomy> .
    <#discectomy> a spine:Discectomy ; case:atLevel spine:L4-L5 .
}
"""

CASE_EXAMPLES: Final[Json] = {
    media.JSON_LD: _CASE,
    media.JSON: _CASE,
    media.TURTLE: _TURTLE,
    media.TRIG: _TURTLE,
    media.N_TRIPLES: _N_TRIPLES,
}
CHANGES: Final[Json] = {"case": _CASE, "facts": _FACTS}
BATCH: Final[Json] = {
    media.NDJSON: f"{orjson.dumps(_CASE).decode()}\n{orjson.dumps(_CASE).decode()}\n",
    media.ZIP: None,
    media.TRIG: _TRIG,
}
