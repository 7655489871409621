"""Linked data: every term by its address, lists with filters, and the knowledge whole."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import contract
from api.linked import asking, lists, sending, views
from api.linked.finding import absent, moved
from api.linked.graphs import about, everything, files_by_name, one_graph
from api.linked.resources import describe
from api.linked.uses import find
from api.media import CSV, HTML, JSON, JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE
from api.problems import Refusal
from reasoner.library import Library
from reasoner.likeness import nearest
from reasoner.published import schema_text
from reasoner.schema import context_text

Json = dict[str, Any]

_RESOURCE: Final = (HTML, TURTLE, JSON_LD, N_TRIPLES, JSON)
_LIST: Final = (JSON, HTML, CSV)
_GRAPH: Final = (TRIG, N_QUADS, TURTLE, N_TRIPLES, JSON_LD)
_WORDS: Final = (HTML, JSON)
_SCHEMA: Final = "application/schema+json"

_UNCHANGED: Final[dict[int | str, Json]] = {304: {"description": "What you hold has not changed."}}
_TAG: Final[Json] = {
    "ETag": {"description": "Names these bytes; send it back as If-None-Match.", "schema": {"type": "string"}}
}
_ENTRIES: Final[Json] = {
    "type": "object",
    "required": ["total", "offset", "limit", "items"],
    "properties": {
        "total": {"type": "integer", "description": "How many entries have all that is asked for."},
        "offset": {"type": "integer"},
        "limit": {"type": "integer"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["iri", "page", "kind", "label", "text"],
                "properties": {name: {"type": "string"} for name in ("iri", "page", "kind", "label", "text")},
            },
        },
    },
}

Form = Annotated[
    Literal["html", "turtle", "jsonld", "ntriples", "json"] | None,
    Query(alias="format", description="The form, whatever the header Accept says."),
]
GraphForm = Annotated[
    Literal["trig", "nquads", "turtle", "ntriples", "jsonld"] | None,
    Query(alias="format", description="The form, whatever the header Accept says."),
]
WordsForm = Annotated[
    Literal["html", "json"] | None, Query(alias="format", description="The form, whatever the header Accept says.")
]
Address = Annotated[
    str,
    Path(
        description="What follows https://w3id.org/spine-reasoner/ in the name of a term, a slash for its hash.",
        examples=["guideline/lumbar-fusion/slip-at-level"],
    ),
]


def router(library: Library) -> APIRouter:
    """The routes of linked data over one library."""
    routes = APIRouter(tags=["Linked data"], default_response_class=Response)
    _documents(library, routes)
    _resources(library, routes)
    _lists(library, routes)
    _more_lists(library, routes)
    _dumps(library, routes)
    return routes


def _declared(forms: tuple[str, ...], what: str, *problems: int) -> dict[int | str, Json]:
    shapes = {form: _ENTRIES if forms is _LIST and form == JSON else _shape(form) for form in forms}
    told = contract.answers(shapes, what) | {"headers": _TAG}
    return {200: told} | _UNCHANGED | contract.problems(406, *problems)


def _shape(form: str) -> Json:
    return {"type": "object"} if form in (JSON, _SCHEMA) else {} if form == JSON_LD else {"type": "string"}


def _documents(library: Library, routes: APIRouter) -> None:
    @routes.get("/id/context.jsonld", summary="The JSON-LD context of a case", include_in_schema=False)
    @routes.get("/v1/context", summary="The JSON-LD context of a case", responses=_declared((JSON_LD,), "The context."))
    def context(request: Request) -> Response:
        """With this context plain JSON is a case in RDF."""
        sending.form_of(request, None, (JSON_LD, JSON))
        return sending.answer(request, context_text(library.schema), JSON_LD)

    @routes.get("/id/determination.schema.json", summary="The JSON Schema of a determination", include_in_schema=False)
    @routes.get(
        "/v1/schema/determination",
        summary="The JSON Schema of a determination",
        responses=_declared((_SCHEMA, JSON), "The schema."),
    )
    def schema(request: Request) -> Response:
        """Every key of a determination as JSON, and every word that it may use."""
        return sending.answer(request, schema_text(), sending.form_of(request, None, (_SCHEMA, JSON)))


def _resources(library: Library, routes: APIRouter) -> None:
    @routes.get(
        "/id/{path:path}",
        summary="One thing of the knowledge, by its name",
        responses=_declared(_RESOURCE, "What is said of it, and what names it.", 404, 422),
    )
    def resource(request: Request, path: Address, form: Form = None) -> Response:
        """Show a guideline, criterion, claim, reference, policy, term, score or worked case, with what names it."""
        if elsewhere := moved(library, path):
            return RedirectResponse(elsewhere, 303)
        chosen = sending.form_of(request, form, _RESOURCE)
        iri = find(library, path.removesuffix("/"))
        found = describe(library, iri) if iri else None
        if iri is None or found is None:
            raise absent(library, path)
        if chosen == HTML:
            return sending.answer(request, views.resource_page(library, iri), HTML)
        if chosen == JSON:
            return sending.answer(request, views.resource_json(found), JSON)
        return sending.answer(request, about(library, iri, chosen), chosen)

    @routes.get(
        "/terms",
        summary="The terms of the case vocabulary for what a note says",
        responses=_declared(_WORDS, "The terms, the nearest first, and how a case writes each.", 422),
    )
    def terms(
        request: Request,
        q: Annotated[str, Query(max_length=200, description="What the note says.", examples=["no bridging bone"])] = "",
        codes: Annotated[bool, Query(description="Codes and references that share a word, too.")] = False,  # noqa: FBT002  a query parameter
        form: WordsForm = None,
    ) -> Response:
        """Find the term for the words of a note."""
        if sending.form_of(request, form, _WORDS) == JSON:
            return sending.answer(request, views.words_json(library, q, codes=codes), JSON)
        return sending.answer(request, views.words_page(library, q, codes=codes), HTML)


def _listed(library: Library, request: Request, name: str, title: str, asked: asking.Page) -> Response:
    form = sending.form_of(request, asked.format, _LIST)
    found = lists.select(library, name, asked.q, asked.wanted)
    if form == HTML:
        page = views.list_page(library, name, title, found, asked.model_dump(exclude={"format"}), asked.filters())
        return sending.answer(request, page, HTML)
    if form == CSV:
        return sending.answer(request, views.list_csv(found, asked.offset, asked.limit), CSV)
    return sending.answer(request, views.list_json(found, asked.offset, asked.limit), JSON)


def _told(what: str) -> Json:
    return {"summary": what, "responses": _declared(_LIST, what, 422)}


def _lists(library: Library, routes: APIRouter) -> None:
    @routes.get("/v1/guidelines", **_told("The guidelines, and how much each holds"))
    def guidelines(request: Request, asked: Annotated[asking.Guidelines, Query()]) -> Response:
        """List the guidelines."""
        return _listed(library, request, "guidelines", "Guidelines", asked)

    @routes.get("/v1/recommendations", **_told("The recommendations: for or against what, where, on which claims"))
    def recommendations(request: Request, asked: Annotated[asking.Recommendations, Query()]) -> Response:
        """List recommendations."""
        return _listed(library, request, "recommendations", "Recommendations", asked)

    @routes.get("/v1/criteria", **_told("The criteria: what each asks for in words, and on which claims it rests"))
    def criteria(request: Request, asked: Annotated[asking.Criteria, Query()]) -> Response:
        """List criteria."""
        return _listed(library, request, "criteria", "Criteria", asked)

    @routes.get("/v1/claims", **_told("The claims: value, grade, appraisal and references"))
    def claims(request: Request, asked: Annotated[asking.Claims, Query()]) -> Response:
        """List claims."""
        return _listed(library, request, "claims", "Claims", asked)

    @routes.get("/v1/references", **_told("The references: authors, year, identifiers and appraisal"))
    def references(request: Request, asked: Annotated[asking.References, Query()]) -> Response:
        """List references."""
        return _listed(library, request, "references", "References", asked)


def _more_lists(library: Library, routes: APIRouter) -> None:
    @routes.get("/v1/policies", **_told("The policies: dates, territories, demands, and how their texts were read"))
    def policies(request: Request, asked: Annotated[asking.Policies, Query()]) -> Response:
        """List policies."""
        return _listed(library, request, "policies", "Policies", asked)

    @routes.get("/v1/terms", **_told("The terms: classes, properties, values and codes"))
    def all_terms(request: Request, asked: Annotated[asking.Terms, Query()]) -> Response:
        """List terms."""
        return _listed(library, request, "terms", "Terms", asked)

    @routes.get("/v1/scoring-systems", **_told("The scoring systems: what each scores, its components and bands"))
    def scoring_systems(request: Request, asked: Annotated[asking.Scores, Query()]) -> Response:
        """List scoring systems."""
        return _listed(library, request, "scoring-systems", "Scoring systems", asked)

    @routes.get("/v1/worked-cases", **_told("The worked cases: what each asks for, and what is expected"))
    def worked_cases(request: Request, asked: Annotated[asking.Cases, Query()]) -> Response:
        """List worked cases and published examples."""
        return _listed(library, request, "worked-cases", "Worked cases", asked)


def _dumps(library: Library, routes: APIRouter) -> None:
    @routes.get(
        "/v1/knowledge",
        summary="The whole knowledge as RDF",
        responses=_declared(_GRAPH, "Each file a named graph in TriG and N-Quads; merged in the others.", 422),
    )
    def knowledge(request: Request, form: GraphForm = None) -> Response:
        """Give the whole graph."""
        chosen = sending.form_of(request, form, _GRAPH)
        return sending.answer(request, everything(library, chosen), chosen)

    @routes.get(
        "/v1/knowledge/{name:path}",
        summary="One graph of the knowledge as RDF",
        responses=_declared(_GRAPH, "One guideline, vocabulary or file.", 404, 422),
    )
    def graph(
        request: Request,
        name: Annotated[str, Path(description="A room, graph or file.", examples=["lumbar-fusion"])],
        form: GraphForm = None,
    ) -> Response:
        """Give one graph."""
        files = files_by_name(library)
        if name not in files:
            meant = nearest(name, files)
            mend = f"Did you mean {meant}?" if meant else "Name a room, or a file such as ontology/anatomy.ttl."
            raise Refusal("resource.unknown", "There is no such graph.", mend=mend)
        chosen = sending.form_of(request, form, _GRAPH)
        return sending.answer(request, one_graph(library, files[name], chosen), chosen)
