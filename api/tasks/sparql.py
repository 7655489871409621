"""Asks the store one SPARQL query, inside a worker, and writes the answer in the form that was agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, cast

import pyoxigraph as ox

from api import media
from api.problems import Refusal
from api.workers.frames import Job, Reply
from reasoner import asking
from reasoner.query_gate import Form

if TYPE_CHECKING:
    from api.tasks.bench import Bench

RESULTS_JSON: Final = "application/sparql-results+json"
RESULTS_XML: Final = "application/sparql-results+xml"
TSV: Final = "text/tab-separated-values"

TABLES: Final = {
    RESULTS_JSON: ox.QueryResultsFormat.JSON,
    RESULTS_XML: ox.QueryResultsFormat.XML,
    media.CSV: ox.QueryResultsFormat.CSV,
    TSV: ox.QueryResultsFormat.TSV,
    media.JSON: ox.QueryResultsFormat.JSON,
    "application/xml": ox.QueryResultsFormat.XML,
}
"""The forms of a table or a truth, the one that is sent unasked first."""

GRAPHS: Final = {
    media.TURTLE: ox.RdfFormat.TURTLE,
    media.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    media.JSON_LD: ox.RdfFormat.JSON_LD,
    media.RDF_XML: ox.RdfFormat.RDF_XML,
    media.TRIG: ox.RdfFormat.TRIG,
    media.N_QUADS: ox.RdfFormat.N_QUADS,
    media.JSON: ox.RdfFormat.JSON_LD,
    "application/xml": ox.RdfFormat.RDF_XML,
}
"""The forms of a graph, likewise."""

MOST_BYTES: Final = 20_000_000
NO_STORE: Final = "no store"
"""Instead of a folder: the query is read and asked of nothing, to be answered by another server."""


def offered(form: Form) -> tuple[str, ...]:
    """The media types in which a query of this form can be answered.

    >>> offered(Form.ASK)[0], offered(Form.DESCRIBE)[0]
    ('application/sparql-results+json', 'text/turtle')
    """
    return tuple(GRAPHS if form.gives_graph else TABLES)


@dataclass(frozen=True, slots=True)
class Question:
    """One query as the protocol hands it over, the media type of its answer, and the store that it is put to."""

    query: str
    media_type: str
    path: str = ""
    """The folder of the index, or of a copy of it that does not change."""
    generation: int = 0
    """Grows whenever something is kept; a store opened for another one is opened anew."""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    most_bytes: int = MOST_BYTES


class Asker:
    """Holds a store open for reading from one query to the next, until it has moved on."""

    __slots__ = ("_opened", "_store")

    def __init__(self, store: ox.Store | None = None) -> None:
        self._store = store
        self._opened = ("", 0)

    def store(self, path: str, generation: int) -> ox.Store:
        """The store in a folder as of a generation, or an empty one; raises Refusal if it cannot be opened."""
        if path == NO_STORE:
            return ox.Store()
        if path and (self._store is None or self._opened != (path, generation)):
            self._store = None  # Closed before another is opened.
            try:
                self._store = ox.Store.read_only(path)
            except OSError:
                raise Refusal(
                    "store.damaged",
                    "The index of the store cannot be opened.",
                    mend="Whoever runs this server can rebuild it with `spine store rebuild`.",
                ) from None
            self._opened = (path, generation)
        if self._store is None:
            raise Refusal("store.off", "There is no store to ask.")
        return self._store


def asked(bench: Bench, job: Job) -> Reply:
    """The task of a worker: the query is the body; `form`, `path`, `generation` and the graphs are arguments."""
    given = job.arguments
    try:
        query = job.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(
            "query.encoding", f"The query is no UTF-8: byte {error.start + 1} is wrong.", where="query"
        ) from None
    question = Question(
        query,
        given["form"],
        given["path"],
        given["generation"],
        tuple(given.get("default_graphs", ())),
        tuple(given.get("named_graphs", ())),
    )
    media_type, body = run_query(bench.asker, question)
    return Reply(200, media_type, body)


def run_query(asker: Asker, question: Question) -> tuple[str, bytes]:
    """The media type and the bytes of an answer, whole or not at all.

    Raises Refusal for an answer beyond the limit or in a form that this kind of query has not, and
    CaseUnreadable for a query that may not be run or cannot be read.

    >>> run_query(Asker(ox.Store()), Question("ASK {}", "text/csv"))
    ('text/csv', b'true')
    """
    found = asking.asked(
        asker.store(question.path, question.generation),
        question.query,
        default_graphs=question.default_graphs,
        named_graphs=question.named_graphs,
    )
    capped = _Capped(question.most_bytes)
    output = cast("IO[bytes]", capped)  # The engine calls nothing but write and flush.
    if isinstance(found, ox.QueryTriples):
        graph_format = GRAPHS.get(question.media_type)
        if graph_format is None:
            raise _not_offered(tuple(GRAPHS))
        found.serialize(output, format=graph_format)
    else:
        table_format = TABLES.get(question.media_type)
        if table_format is None:
            raise _not_offered(tuple(TABLES))
        found.serialize(output, format=table_format)
    return question.media_type, capped.whole()


def _not_offered(known: tuple[str, ...]) -> Refusal:
    return Refusal(
        "media.not-acceptable", "This query is not answered in that form.", mend=f"Ask for one of: {', '.join(known)}."
    )


class _Capped:
    """What the engine writes to: it takes so many bytes, and past them refuses the whole answer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._size += len(part)
        if self._size > self._most:
            raise Refusal(
                "query.too-large-result",
                f"The answer is larger than {self._most:,} bytes, and no part of one is sent.",
                where="query",
                mend="Ask for fewer rows or columns, or page through them with ORDER BY, LIMIT and OFFSET.",
            )
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """There is nothing to flush."""

    def whole(self) -> bytes:
        return b"".join(self._parts)
