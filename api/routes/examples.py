"""What the contract shows as examples: the short case of the README, in the ways it can be sent."""

from __future__ import annotations

from typing import Any, Final

from api import media
from reasoner.schema import CONTEXT_IRI

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

CASE_EXAMPLES: Final[Json] = {
    media.JSON_LD: _CASE,
    media.JSON: _CASE,
    media.TURTLE: _TURTLE,
    media.TRIG: _TURTLE,
    media.N_TRIPLES: "<https://w3id.org/spine-reasoner/record> a <https://w3id.org/spine-reasoner/case#Case> .",
}
CHANGES: Final[Json] = {"case": _CASE, "facts": _FACTS}
BATCH: Final[Json] = {
    media.NDJSON: '{"@context": "https://w3id.org/spine-reasoner/context.jsonld", "label": "first"}\n',
    media.ZIP: "(an archive of case files)",
    media.TRIG: "# one graph for each case",
}
