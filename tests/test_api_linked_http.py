"""Linked data over HTTP: forms by Accept, tags, stretches of lists, refusals, and paths that mean harm."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from typing import Any, Final

import httpx
import pyoxigraph as ox
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.media import CSV, HTML, JSON, JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE
from api.problems import MEDIA_TYPE, Refusal, problem_of
from api.routes.linked import router
from reasoner import Library
from reasoner.published import DIALECT
from reasoner.schema import context_text

Get = Callable[..., httpx.Response]

SLIP: Final = "/id/guideline/lumbar-fusion/slip-at-level"
LISTS: Final = (
    "guidelines", "recommendations", "criteria", "claims", "references", "policies", "terms", "scoring-systems",
    "worked-cases",
)  # fmt: skip


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """The routes alone, with refusals told as problems."""
    made = FastAPI()
    made.include_router(router(Library.read()))

    async def told(_: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            error = Refusal("request.unprocessable", "A parameter cannot stand.")
        problem = problem_of(error)
        return Response(problem.to_bytes(), problem.status, media_type=MEDIA_TYPE)

    for kind in (Refusal, RequestValidationError):
        made.add_exception_handler(kind, told)
    return made


@pytest.fixture(scope="module")
def get(app: FastAPI) -> Get:
    """One request, one answer."""

    def ask(address: str, accept: str | None = None, **headers: str) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                sent = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.get(address, headers=sent | ({"Accept": accept} if accept else {}))

        return asyncio.run(once())

    return ask


def kind(response: httpx.Response) -> str:
    return response.headers["content-type"].partition(";")[0]


def problem(response: httpx.Response) -> dict[str, Any]:
    assert kind(response) == MEDIA_TYPE
    found: dict[str, Any] = response.json()
    assert found["status"] == response.status_code
    return found


# Forms


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, HTML),
        ("*/*", HTML),
        ("text/turtle", TURTLE),
        ("application/ld+json", JSON_LD),
        ("application/n-triples", N_TRIPLES),
        ("application/json", JSON),
        ("text/html;q=0.4, text/turtle;q=0.8, */*;q=0.1", TURTLE),
        ("text/html;q=0, */*", TURTLE),
        ("application/rdf+xml, application/json;q=0.2", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ],
)
def test_a_thing_comes_in_the_form_that_is_liked_best(get: Get, accept: str | None, wanted: str) -> None:
    """By quality, on a tie by our order."""
    response = get(SLIP, accept)
    assert (response.status_code, kind(response)) == (200, wanted)
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("turtle", TURTLE), ("jsonld", JSON_LD), ("ntriples", N_TRIPLES), ("json", JSON), ("html", HTML)],
)
def test_a_form_in_the_address_outweighs_the_header(get: Get, name: str, wanted: str) -> None:
    """So that a link can lead to any form."""
    assert kind(get(f"{SLIP}?format={name}", "image/png")) == wanted


def test_what_is_not_offered_is_refused_with_what_is(get: Get) -> None:
    """406 names the forms; an unknown name of a form is 422."""
    refused = problem(get(SLIP, "image/png"))
    assert refused["status"] == 406
    assert TURTLE in refused["mend"]
    assert problem(get(f"{SLIP}?format=docx"))["status"] == 422


def test_one_thing_says_the_same_in_each_form(get: Get) -> None:
    """The plain view and the graph name the same claims."""
    plain = get(SLIP, JSON).json()
    told = ox.parse(get(SLIP, TURTLE).content, format=ox.RdfFormat.TURTLE)
    claims = {
        t.object.value for t in told if t.predicate.value.endswith("#restsOn") and t.subject.value == plain["iri"]
    }
    rests = next(one for one in plain["properties"] if one["property"].endswith("#restsOn"))
    assert {value["iri"] for value in rests["values"]} == claims
    meanings = {one["meaning"] for one in plain["namedBy"]}
    assert {"recommendations", "worked-cases", "and:criterion"} <= meanings


def test_a_determination_stands_elsewhere(get: Get) -> None:
    """Its name under the knowledge leads to where it is kept."""
    name = "0" * 64
    response = get(f"/id/determination/{name}")
    assert (response.status_code, response.headers["location"]) == (303, f"/v1/determinations/{name}")


@pytest.mark.parametrize("name", ["mappings/icd10", "case-shapes", "case-shapes/kind"])
def test_a_graph_that_is_only_given_whole_is_given_so(get: Get, name: str) -> None:
    """A mapping table, and the shapes of a case."""
    response = get(f"/id/{name}")
    assert response.status_code == 303
    assert get(response.headers["location"], TURTLE).status_code == 200


# What is not there


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("spine/Spondylolistesis", "/id/spine/Spondylolisthesis"),
        ("guideline/lumbar-fusion/slip-at-levl", SLIP),
        ("guideline/lumbar-fusoin", "/id/guideline/lumbar-fusion"),
        ("policy/nice-ng-59-2020", "/id/policy/nice-ng59-2020"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(get: Get, path: str, meant: str) -> None:
    """As far as there is one."""
    refused = problem(get(f"/id/{path}"))
    assert (refused["status"], refused["code"]) == (404, "resource.unknown")
    assert meant in refused["mend"]


@pytest.mark.parametrize(
    "path",
    [
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2f..%2fontology%2fcase.ttl",
        "spine/%00",
        "%00",
        "%ff%fe",
        "spine/%E2%80%AE%F0%9F%A6%B4",
        "spine/" + "L" * 5000,
        "/" * 200,
        "<script>alert(1)</script>",
        "spine%23L4-L5%23",
        "guideline/lumbar-fusion/cases/..%2f..%2f..%2fREADME.md",
        "https://elsewhere.example/",
    ],
)
def test_a_path_that_means_harm_is_a_plain_404(get: Get, path: str) -> None:
    """Nothing is opened, nothing is repeated."""
    response = get(f"/id/{path}")
    refused = problem(response)
    assert refused["status"] == 404
    assert "script" not in response.text
    assert "passwd" not in response.text
    assert problem(get(f"/v1/knowledge/{path}"))["status"] == 404


# Lists


@pytest.mark.parametrize("name", LISTS)
def test_a_list_comes_as_json_as_a_page_and_as_a_table(get: Get, name: str) -> None:
    """JSON unless something else is liked better; a browser gets the page."""
    plain = get(f"/v1/{name}?limit=3")
    assert kind(plain) == JSON
    told = plain.json()
    assert told["total"] >= len(told["items"]) > 0
    for item in told["items"]:
        assert get(item["page"], TURTLE).status_code == 200
    page = get(f"/v1/{name}?limit=3", "text/html,*/*;q=0.8")
    assert kind(page) == HTML
    assert told["items"][0]["page"] in page.text
    table = get(f"/v1/{name}?limit=3", CSV)
    assert kind(table) == CSV
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["iri"] for row in rows] == [item["iri"] for item in told["items"]]


@pytest.mark.parametrize("name", LISTS)
def test_stretches_of_a_list_together_are_the_list(get: Get, name: str) -> None:
    """Nothing twice, nothing missing; beyond the end there is nothing, and the total stays."""
    total = get(f"/v1/{name}?limit=1").json()["total"]
    found = []
    for offset in range(0, total, 200):
        found += [one["iri"] for one in get(f"/v1/{name}?limit=200&offset={offset}").json()["items"]]
    assert len(found) == len(set(found)) == total
    beyond = get(f"/v1/{name}?offset={total + 5}").json()
    assert (beyond["items"], beyond["total"]) == ([], total)


@pytest.mark.parametrize(
    "query",
    [
        "claims?limit=0",
        "claims?limit=201",
        "claims?offset=-1",
        "claims?limit=ten",
        "claims?colour=red",
        "claims?format=xml",
        "claims?guideline=no-such-room-anywhere",
        "claims?q=" + "x" * 201,
        "terms?under=%00",
    ],
)
def test_a_parameter_that_cannot_stand_is_refused(get: Get, query: str) -> None:
    """422, and what was sent is not repeated."""
    refused = problem(get(f"/v1/{query}"))
    assert refused["status"] == 422
    assert "no-such-room" not in json.dumps(refused)


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("claims?appraisal=unverified", lambda one: one["appraisal"] == "unverified"),
        ("claims?guideline=infection", lambda one: one["guideline"]["label"] and "/infection#" in one["iri"]),
        (
            "claims?reference=koslosky-2020-meyerding",
            lambda one: any("koslosky" in r["iri"] for r in one["references"]),
        ),
        ("criteria?form=leaf", lambda one: one["form"] == "leaf" and not one["members"]),
        ("criteria?form=branch&guideline=infection", lambda one: one["members"]),
        ("recommendations?direction=against", lambda one: one["direction"] == "against"),
        ("references?type=journal-article&year=2014", lambda one: one["year"] == "2014"),
        ("policies?territory=England", lambda one: any(t["label"] == "England" for t in one["territories"])),
        ("policies?kind=uncheckable-policy", lambda one: one["kind"] == "uncheckable-policy"),
        ("terms?under=Symptom&kind=class", lambda one: one["kind"] == "class"),
        ("worked-cases?outcome=not-necessary", lambda one: "not-necessary" in one["outcomes"]),
        ("worked-cases?kind=example", lambda one: one["kind"] == "example"),
    ],
)
def test_a_filter_keeps_what_fits_alone(get: Get, query: str, holds: Callable[[dict[str, Any]], Any]) -> None:
    """And leaves something out."""
    told = get(f"/v1/{query}&limit=200").json()
    everything = get(f"/v1/{query.partition('?')[0]}?limit=1").json()["total"]
    assert 0 < told["total"] < everything
    assert all(holds(one) for one in told["items"])


def test_words_of_a_list_are_sought_in_any_case(get: Get) -> None:
    """All of them in one entry; a form that leaves its filters empty asks for everything."""
    found = get("/v1/criteria?q=SLIP+level&guideline=&form=").json()
    assert found["total"] > 0
    assert get("/v1/criteria?q=slip+level").json()["total"] == found["total"]
    assert get("/v1/criteria?q=zzzzzz").json() == {"total": 0, "offset": 0, "limit": 50, "items": []}


def test_what_is_typed_into_a_list_comes_back_as_text(get: Get) -> None:
    """In the form of the page."""
    page = get('/v1/claims?q="><script>alert(1)</script>', HTML)
    assert "<script>alert" not in page.text


# Words


def test_the_words_of_a_note_lead_to_terms(get: Get) -> None:
    """As a page and as data, with how a case writes them."""
    assert "case:Absence" in get("/terms?q=no+bridging+bone", HTML).text
    told = get("/terms?q=no+bridging+bone", JSON).json()
    assert told["items"][0]["written"] == "a case:Absence ; case:ofKind spine:SolidFusion"
    assert get(told["items"][0]["page"]).status_code == 200
    assert get("/terms").status_code == 200
    assert "No term has these words" in get("/terms?q=zzzzqqqq").text


# Dumps


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [(None, TRIG), (TURTLE, TURTLE), (N_QUADS, N_QUADS), (N_TRIPLES, N_TRIPLES), (JSON_LD, JSON_LD)],
)
def test_the_whole_is_given_once_and_then_known_by_its_tag(get: Get, accept: str | None, wanted: str) -> None:
    """Each form has a tag of its own; who holds it gets no bytes."""
    response = get("/v1/knowledge", accept)
    assert (response.status_code, kind(response)) == (200, wanted)
    tag = response.headers["etag"]
    assert tag.startswith('"')
    again = get("/v1/knowledge", accept, If_None_Match=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert get("/v1/knowledge", accept, If_None_Match='"other"').status_code == 200
    others = {get("/v1/knowledge", form).headers["etag"] for form in (TURTLE, TRIG, N_QUADS)}
    assert len(others) == 3


def test_everything_that_is_given_can_be_known_by_its_tag(get: Get) -> None:
    """Pages, lists, schema and context too."""
    for address in (SLIP, "/v1/claims", "/v1/schema/determination", "/v1/context", "/terms", "/v1/knowledge/infection"):
        tag = get(address).headers["etag"]
        assert get(address, If_None_Match=f'W/"x", {tag}').status_code == 304


def test_one_graph_is_given_by_its_name(get: Get) -> None:
    """And an unknown one is answered with the nearest."""
    told = ox.parse(get("/v1/knowledge/infection").content, format=ox.RdfFormat.TRIG)
    assert {str(quad.graph_name) for quad in told} == {"<https://w3id.org/spine-reasoner/guideline/infection>"}
    assert get("/v1/knowledge/ontology/anatomy.ttl", TURTLE).status_code == 200
    assert "infection" in problem(get("/v1/knowledge/infecton"))["mend"]


def test_schema_and_context_are_served_where_their_names_lead(get: Get) -> None:
    """The same bytes at both addresses."""
    assert get("/v1/schema/determination").json()["$schema"] == DIALECT
    assert get("/id/determination.schema.json").content == get("/v1/schema/determination").content
    assert get("/id/context.jsonld").text == get("/v1/context").text == context_text(Library.read().schema)
    assert kind(get("/v1/context")) == JSON_LD


# The contract


def test_the_contract_declares_forms_and_refusals(app: FastAPI) -> None:
    """Every route says in which forms it answers and how it refuses, and has a summary of its own."""
    paths = app.openapi()["paths"]
    summaries = [one["get"]["summary"] for one in paths.values()]
    assert len(set(summaries)) == len(summaries)
    for path in [f"/v1/{name}" for name in LISTS] + ["/id/{path}", "/v1/knowledge", "/terms"]:
        told = paths[path]["get"]["responses"]
        assert set(told) >= {"200", "304", "406", "422"}, path
        assert MEDIA_TYPE in told["422"]["content"]
    assert set(paths["/id/{path}"]["get"]["responses"]["200"]["content"]) == {HTML, TURTLE, JSON_LD, N_TRIPLES, JSON}
    assert "404" in paths["/id/{path}"]["get"]["responses"]
