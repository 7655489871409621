"""The SPARQL endpoint: Query Protocol by GET and both kinds of POST, service description; updates never."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api import contract, media
from api.asking import Inquiry, inquiry, put
from api.description import CATALOGUE, catalogue, service_description
from api.description import FORMS as DESCRIPTIONS
from api.house import House, house_of
from api.pages.asking import sparql_page
from api.problems import Refusal
from api.tasks.sparql import GRAPHS, MOST_BYTES, RESULTS_JSON, RESULTS_XML, TABLES, TSV, offered
from reasoner.asking import PREFIXES
from reasoner.likeness import nearest
from reasoner.query_gate import Admitted, admit
from reasoner.questions import text_of, worked

Json = dict[str, Any]
Pairs = list[tuple[str, str]]
TheHouse = Annotated[House, Depends(house_of)]

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
_MOST_PARAMETERS: Final = 200
_EXAMPLE: Final = "SELECT ?item ?outcome WHERE { ?item nec:hasOutcome ?outcome } LIMIT 5"
_WORDS: Final = {
    "json": (RESULTS_JSON, media.JSON_LD),
    "csv": (media.CSV, media.TURTLE),
    "tsv": (TSV, media.N_TRIPLES),
    "xml": (RESULTS_XML, media.RDF_XML),
    "turtle": ("", media.TURTLE),
    "ntriples": ("", media.N_TRIPLES),
    "jsonld": ("", media.JSON_LD),
    "rdfxml": ("", media.RDF_XML),
    "trig": ("", media.TRIG),
    "nquads": ("", media.N_QUADS),
}
"""What one asks for in a word who cannot set a header: of a table, and of a graph."""
_ALSO: Final = {"n3": "turtle", "rdf": "rdfxml", "rdf+xml": "rdfxml", "json-ld": "jsonld"}
"""As SPARQLWrapper says some of them."""
_ENCODINGS: Final = frozenset(["", "utf-8", "utf8", "us-ascii"])

router = APIRouter(tags=["SPARQL"])

_SHAPES: Final[dict[str, Json]] = {
    form: {"type": "object"} if form == RESULTS_JSON else {} if "json" in form else {"type": "string"}
    for form in (*TABLES, *GRAPHS)
}
_ANSWERS: Final[dict[int | str, Json]] = contract.declared(
    400,
    401,
    406,
    413,
    421,
    422,
    429,
    503,
    ok=contract.answers(
        {**_SHAPES, media.HTML: {"type": "string"}}, "A table, a truth or a graph, in the form asked for."
    ),
)
_MEANT: Final = {
    "query": "The query. The usual prefixes need not be declared. Without one, the service is described.",
    "worked": "Instead of a query, the name of a worked question; a browser is shown it, anyone else its answer.",
    "format": f"The form, whatever the header Accept says: {', '.join(_WORDS)}, or a media type.",
    "default-graph-uri": "A graph to ask about; several are asked as one.",
    "named-graph-uri": "A graph that GRAPH may name.",
}
_SHOWN: Final = {"query": _EXAMPLE, "worked": "outcomes", "format": "csv"}
_PARAMETERS: Final[list[Json]] = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "description": what,
        "schema": {"type": "string"} if name in _SHOWN else {"type": "array", "items": {"type": "string"}},
    }
    | ({"example": _SHOWN[name]} if name in _SHOWN else {})
    for name, what in _MEANT.items()
]


@router.get(
    "/sparql",
    summary="Ask a SPARQL query",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra={"parameters": _PARAMETERS},
)
async def by_get(request: Request, here: TheHouse) -> Response:
    """Answer a query or a worked question; without either, describe the service, to a browser as a page."""
    pairs = _pairs(request.url.query)
    names = {name for name, _ in pairs}
    if not names:
        return await _described(request, here)
    if "worked" in names and "query" not in names:
        return await _worked(request, here, pairs)
    return await _answer(request, here, pairs)


@router.get("/.well-known/void", include_in_schema=False)
async def well_known() -> Response:
    """Lead to where the dataset is described."""
    return RedirectResponse("/sparql", 302)


@router.post(
    "/sparql",
    summary="Ask a SPARQL query in the body",
    response_class=Response,
    responses=_ANSWERS | contract.problems(403, 415),
    openapi_extra=contract.body({QUERY: _EXAMPLE, FORM: "query=ASK%20%7B%7D"}, "The query, alone or as a form."),
)
async def by_post(request: Request, here: TheHouse) -> Response:
    """Answer a query that is the body itself, or a field of a form."""
    told = request.headers.get("content-type")
    kind = media.kind_of(told)
    if kind not in (QUERY, FORM, UPDATE):
        raise Refusal("media.unsupported", "A query is not read in this form.", mend=f"Send {QUERY} or {FORM}.")
    if _encoding(told) not in _ENCODINGS:
        raise Refusal("media.unsupported", "A query is not read in this encoding.", mend="Send it as UTF-8.")
    if kind == UPDATE:
        raise Refusal("query.update", "Nothing can be changed here.", mend=f"Send a query as {QUERY}.")
    try:
        text = (await request.body()).decode()
    except UnicodeDecodeError:
        raise Refusal("query.encoding", "The query is no UTF-8.", where="body") from None
    if kind == QUERY:
        return await _answer(request, here, [*_pairs(request.url.query), ("query", text)])
    if request.url.query:
        raise Refusal("query.parameters", "A form has its parameters in the body.", where="address")
    return await _answer(request, here, _pairs(text))


def _encoding(content_type: str | None) -> str:
    """What a content type says of the encoding; empty if it says nothing.

    >>> _encoding('text/plain; charset="UTF-16"')
    'utf-16'
    """
    for parameter in (content_type or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


def _pairs(text: str) -> Pairs:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise Refusal("query.parameters", "The parameters cannot be read.", mend="Write them as a form does.") from None


async def _described(request: Request, here: House) -> Response:
    form = media.choose(request.headers.get("accept"), (*DESCRIPTIONS, media.HTML))
    if form == media.HTML:
        return _sent(_page(here), form)
    reply = await put(here, inquiry(CATALOGUE, RESULTS_JSON))
    address = str(request.url.replace(query="", fragment=""))
    return _sent(service_description(catalogue(reply.body), address, form), form)


def _page(here: House, chosen: str = "") -> str:
    bounds = (
        f"A query may take {here.queries.lane.seconds:g} seconds; after them it is ended, and refused.",
        f"An answer may have {MOST_BYTES:,} bytes; a larger one is refused whole, and never cut.",
    )
    return sparql_page(chosen, bounds=bounds)


async def _worked(request: Request, here: House, pairs: Pairs) -> Response:
    """A worked question: its answer, unless a page is liked better."""
    name = next(value for name, value in pairs if name == "worked")
    text = text_of(name)
    if text is None:
        known = [one for one, _ in worked()]
        meant = nearest(name, known)
        mend = f"Did you mean {meant}?" if meant else "See /sparql for their names."
        raise Refusal("query.worked", "There is no worked question of this name.", where="worked", mend=mend)
    if not any(name == "format" for name, _ in pairs):
        forms = (*offered(admit(text, PREFIXES).form), media.HTML)
        if media.choose(request.headers.get("accept"), forms) == media.HTML:
            return _sent(_page(here, name), media.HTML)
    return await _answer(request, here, [*pairs, ("query", text)])


async def _answer(request: Request, here: House, pairs: Pairs) -> Response:
    if any(name in ("update", "using-graph-uri", "using-named-graph-uri") for name, _ in pairs):
        raise Refusal("query.update", "Nothing can be changed here.", mend="Send a query.")
    queries = [value for name, value in pairs if name == "query"]
    if len(queries) != 1:
        raise Refusal("query.parameters", "There must be one query, and one alone.", mend="Send `query` once.")
    admitted = admit(queries[0], PREFIXES)
    asked = next((value for name, value in pairs if name == "format"), None)
    wanted = _meant(asked, admitted) if asked else request.headers.get("accept")
    form = media.choose(wanted, offered(admitted.form))
    default, named = (
        tuple(value for name, value in pairs if name == graphs) for graphs in ("default-graph-uri", "named-graph-uri")
    )
    reply = await put(here, Inquiry(queries[0], admitted, form, default, named))
    return _sent(reply.body, reply.media_type)


def _meant(asked: str, admitted: Admitted) -> str:
    """The media type that a word means for this kind of query."""
    if "/" in asked:
        return asked
    found = _WORDS.get(_ALSO.get(asked, asked))
    if found is None:
        raise Refusal(
            "request.unprocessable",
            "There is no form of this name.",
            where="format",
            mend=f"Ask for {', '.join(_WORDS)}, or a media type.",
        )
    table, graph = found
    if not (graph if admitted.form.gives_graph else table):
        what = f"A {admitted.form} query is not answered in that form."
        raise Refusal("media.not-acceptable", what, where="format", mend="Ask for json, csv, tsv or xml.")
    return graph if admitted.form.gives_graph else table


def _sent(body: bytes | str, form: str) -> Response:
    return Response(body, headers={"Vary": "Accept"}, media_type=form)
