"""The SPARQL endpoint: Query Protocol by GET and both kinds of POST, service description; updates never."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api import contract, media
from api.description import FORMS as DESCRIPTIONS
from api.description import service_description
from api.house import House, house_of
from api.pages.asking import sparql_page
from api.problems import Refusal
from api.tasks.sparql import MOST_BYTES, RESULTS_JSON, RESULTS_XML, TSV, offered
from api.workers.frames import Job
from reasoner.asking import PREFIXES
from reasoner.query_gate import admit

if TYPE_CHECKING:
    from reasoner.query_gate import Admitted

Json = dict[str, Any]
Pairs = list[tuple[str, str]]
TheHouse = Annotated[House, Depends(house_of)]

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
_MOST_PARAMETERS: Final = 200
_EXAMPLE: Final = "SELECT ?item ?outcome WHERE { ?item nec:hasOutcome ?outcome } LIMIT 5"
_SHORT: Final = {
    "json": (RESULTS_JSON, media.JSON_LD),
    "csv": (media.CSV, media.TURTLE),
    "tsv": (TSV, media.N_TRIPLES),
    "xml": (RESULTS_XML, media.RDF_XML),
}
"""What a page without a script asks for in a word, as it cannot set a header: of a table, and of a graph."""

router = APIRouter(tags=["SPARQL"])

_ANSWERS: Final[dict[int | str, Json]] = contract.declared(
    400,
    401,
    406,
    413,
    415,
    421,
    422,
    429,
    503,
    ok=contract.answers((RESULTS_JSON, media.CSV, media.TURTLE), "A table, a truth or a graph, in the form asked for."),
)
_PARAMETERS: Final[list[Json]] = [
    {
        "name": name,
        "in": "query",
        "required": name == "query",
        "description": what,
        "schema": {"type": "string"} if name == "query" else {"type": "array", "items": {"type": "string"}},
    }
    | ({"example": _EXAMPLE} if name == "query" else {})
    for name, what in (
        ("query", "The query. The usual prefixes need not be declared."),
        ("default-graph-uri", "A graph to ask about; several are asked as one."),
        ("named-graph-uri", "A graph that GRAPH may name."),
    )
]


@router.get(
    "/sparql",
    summary="Ask a SPARQL query",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra={"parameters": _PARAMETERS},
)
async def by_get(request: Request, here: TheHouse) -> Response:
    """Answer a query; without one, describe the service, to a browser as a page."""
    pairs = _pairs(request.url.query)
    if not pairs:
        form = media.choose(request.headers.get("accept"), (*DESCRIPTIONS, media.HTML))
        if form == media.HTML:
            return Response(sparql_page(), media_type=media.HTML)
        body = service_description(here.library, str(request.url.replace(query="", fragment="")), form)
        return Response(body, media_type=form)
    return await _answer(request, here, pairs)


@router.post(
    "/sparql",
    summary="Ask a SPARQL query in the body",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra=contract.body({QUERY: _EXAMPLE, FORM: "query=ASK%20%7B%7D"}, "The query, alone or as a form."),
)
async def by_post(request: Request, here: TheHouse) -> Response:
    """Answer a query that is the body itself, or a field of a form."""
    kind = media.kind_of(request.headers.get("content-type"))
    body = await request.body()
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Refusal("query.encoding", "The query is no UTF-8.", where="body") from None
    if kind == QUERY:
        return await _answer(request, here, [*_pairs(request.url.query), ("query", text)])
    if kind == FORM:
        if request.url.query:
            raise Refusal("query.parameters", "A form has its parameters in the body.", where="address")
        return await _answer(request, here, _pairs(text))
    if kind == UPDATE:
        raise Refusal("query.update", "Nothing can be changed here.", mend=f"Send a query as {QUERY}.")
    raise Refusal("media.unsupported", "A query is not read in this form.", mend=f"Send {QUERY} or {FORM}.")


def _pairs(text: str) -> Pairs:
    try:
        return parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise Refusal("query.parameters", "The parameters cannot be read.", mend="Write them as a form does.") from None


async def _answer(request: Request, here: House, pairs: Pairs) -> Response:
    if any(name in ("update", "using-graph-uri", "using-named-graph-uri") for name, _ in pairs):
        raise Refusal("query.update", "Nothing can be changed here.", mend="Send a query.")
    queries = [value for name, value in pairs if name == "query"]
    if len(queries) != 1:
        raise Refusal("query.parameters", "There must be one query, and one alone.", mend="Send `query` once.")
    admitted = admit(queries[0], PREFIXES)
    asked = next((value for name, value in pairs if name == "format"), None)
    form = media.choose(_meant(asked, admitted) or request.headers.get("accept"), offered(admitted.form))
    graphs = {
        "default_graphs": [value for name, value in pairs if name == "default-graph-uri"],
        "named_graphs": [value for name, value in pairs if name == "named-graph-uri"],
    }
    if here.store.remote:
        return await _asked_elsewhere(here, queries[0], form, admitted, graphs)
    snapshot = await asyncio.to_thread(here.store.snapshot)
    arguments = {"form": form, "path": str(snapshot.path), "generation": snapshot.generation, **graphs}
    reply = await here.queries.run(Job("query", arguments, queries[0].encode()))
    return Response(reply.body, reply.status, dict(reply.headers), reply.media_type)


async def _asked_elsewhere(
    here: House, query: str, form: str, admitted: Admitted, graphs: dict[str, list[str]]
) -> Response:
    """Have the server that holds the index answer; it sees the query after our gate, with the usual prefixes."""
    if any(graphs.values()):
        raise Refusal(
            "query.parameters",
            "With the index on another server, graphs are named in the query.",
            mend="Use FROM and FROM NAMED.",
        )
    declared = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    told = await asyncio.to_thread(here.store.ask, declared + query, form, largest=MOST_BYTES)
    found = media.kind_of(told.media_type)
    if found not in offered(admitted.form):
        raise Refusal("media.not-acceptable", "The server that holds the index does not answer in this form.")
    return Response(told.body, media_type=found)


def _meant(asked: str | None, admitted: Admitted) -> str | None:
    """The media type that a plain form's short word means for this kind of query."""
    table, graph = _SHORT.get(asked or "", (None, None))
    return graph if admitted.form.gives_graph else table
