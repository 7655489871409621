"""Calls of the REST interface that several tests make, and the cases that they send."""

from __future__ import annotations

from typing import Any, Final

import httpx

from api import media
from api.problems import MEDIA_TYPE
from tests.doors import Server, example

Json = dict[str, Any]

MINIMAL: Final = example("minimal.jsonld")
PENDING: Final = b"""
@prefix case:  <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<> a case:Case ; case:hasPatient <#patient> ; case:hasRequest <#request> ; case:records <#disc> , <#canal> .
<#patient> a case:Patient ; case:ageInYears 47 .
<#request> a case:Request ; case:asksFor <#discectomy> .
<#discectomy> a spine:Discectomy ; case:atLevel spine:L4-L5 .
<#disc> a spine:DiscExtrusion ; case:atLevel spine:L4-L5 .
<#canal> a spine:CanalStenosis ; case:atLevel spine:L4-L5 ; case:hasSeverity spine:Severe .
"""
SMALL: Final = b"""
@prefix case:  <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<> a case:Case ; case:hasPatient [ a case:Patient ] ; case:hasRequest <#request> .
<#request> a case:Request ; case:asksFor <#cement> .
<#cement> a spine:Vertebroplasty ; case:atLevel spine:L1 .
"""
FACTS: Final = {
    "@context": "https://w3id.org/spine-reasoner/context.jsonld",
    "records": [
        {"id": "#saddle", "type": "SaddleAnaesthesia", "onsetDate": "2026-03-01"},
        {"id": "#bladder", "type": "UrinaryRetention", "onsetDate": "2026-03-01"},
    ],
}


def post(
    server: Server, path: str, body: bytes, kind: str = media.JSON_LD, accept: str = media.JSON, **asked: str
) -> httpx.Response:
    """Send a body with what is asked beside it."""
    return server.client.post(path, content=body, headers={"Content-Type": kind, "Accept": accept}, params=asked)


def ask(server: Server, accept: str = media.JSON, **asked: str) -> httpx.Response:
    """Have the shortest case determined."""
    return post(server, "/v1/determinations", MINIMAL, media.JSON_LD, accept, **asked)


def send(server: Server, body: bytes, kind: str = media.JSON_LD) -> httpx.Response:
    """Have another case determined."""
    return post(server, "/v1/determinations", body, kind)


def refusal(found: httpx.Response, status: int, code: str) -> Json:
    """A refusal whose status, type and members agree."""
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == MEDIA_TYPE
    told: Json = found.json()
    assert (told["status"], told["code"]) == (status, code)
    assert told["type"] == f"https://w3id.org/spine-reasoner/problem/{code}"
    assert told["what"] in told["detail"]
    return told


def small(server: Server, accept: str = media.JSON, **asked: str) -> httpx.Response:
    """Have the case determined whose proof is the smallest."""
    return post(server, "/v1/determinations", SMALL, media.TURTLE, accept, **asked)
