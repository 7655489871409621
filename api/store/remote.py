"""The index on a server that speaks SPARQL 1.1: questions, updates, and graphs put by the Graph Store protocol."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import orjson
import pyoxigraph as ox

from api.store import notes
from api.store.errors import StoreRefused, StoreUnreachable
from api.store.journal import Line
from api.store.notes import Graphs, Knowledge, State

_CHUNK: Final = 200
"""Triples in one INSERT DATA: some servers compile each of them."""
_PAGE: Final = 1000
_LARGEST_NOTE: Final = 16_000_000
_TRIPLES: Final = "application/n-triples"
_RESULTS: Final = "application/sparql-results+json"
_MEND: Final = "Look whether the SPARQL server runs and is the one named in the settings."


@dataclass(frozen=True, slots=True)
class RemoteAddresses:
    """Where a SPARQL 1.1 server takes questions, updates and, if it does, graphs; and who asks.

    `digest` is for servers that want the password so; `seconds` is the longest that one request may take.
    """

    query: str
    update: str
    graphs: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    digest: bool = False
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Dataset:
    """Which graphs a question is about: those named, or all as one; else what the question or the server says."""

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    as_one: bool = False


_THEIRS: Final = Dataset()


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server answered to a question: the media type and the bytes."""

    media_type: str
    body: bytes


class Remote:
    """An index that another server holds; only graphs that are noted as ours are ever replaced or dropped."""

    def __init__(self, addresses: RemoteAddresses) -> None:
        for address in filter(None, (addresses.query, addresses.update, addresses.graphs)):
            _check(address)
        self._addresses = addresses
        credentials = (addresses.user, addresses.password)
        scheme = httpx.DigestAuth if addresses.digest else httpx.BasicAuth
        self._client = httpx.Client(
            auth=scheme(*credentials) if addresses.user else None,
            timeout=httpx.Timeout(addresses.seconds, connect=min(5.0, addresses.seconds)),
            follow_redirects=False,
            # Neither a proxy nor a password file of the surroundings has a say in where determinations go.
            trust_env=False,
        )

    def state(self) -> State:
        """What the server says of our index, with every triple counted."""
        return notes.state_of(self._row, int(self._row(notes.HELD)[0] or 0))

    def names(self) -> frozenset[str]:
        """The determinations it holds."""
        found: set[str] = set()
        after = 0
        while rows := self._rows(notes.names_after(after, _PAGE)):
            found.update(name for _, name in rows)
            after = int(rows[-1][0])
        return frozenset(found)

    def put_knowledge(self, knowledge: Knowledge, journal: str) -> None:
        """The knowledge in place of the one before; until all of it is there, the state does not add up."""
        old = [name for (name,) in self._rows(notes.KNOWLEDGE_GRAPHS)]
        graphs = notes.knowledge_graphs(knowledge)
        graphs = graphs.without(self._owned(graphs.names) - frozenset(old))
        # Whose graphs these are is noted before the first of them is written.
        both = sorted({*old, *graphs.names})
        self._update(f"{notes.FORGET_KNOWLEDGE} ;\n{_insert(notes.META, notes.note_knowledge('', journal, both, 0))}")
        for name in old:
            if name not in graphs.names:
                self._update(f"DROP SILENT GRAPH <{name}>")
        self._put(graphs)
        told = notes.note_knowledge(knowledge.hash, journal, graphs.names, self._count(graphs.names))
        self._update(f"{notes.FORGET_KNOWLEDGE} ;\n{_insert(notes.META, told)}")

    def add(self, line: Line, graphs: Graphs) -> None:
        """The graphs of the next determination; its note, which makes them count, is the last that is written."""
        fresh = graphs.without(self._owned(graphs.names))
        self._put(fresh)
        # Counted there, not here: a server may store two spellings of a number as one.
        quads = self._count(fresh.names)
        self._update(_insert(notes.META, notes.note(line, fresh.names, quads)))

    def fill(self, entries: Sequence[tuple[Line, Graphs]]) -> None:
        """Many determinations, one after the other."""
        for line, graphs in entries:
            self.add(line, graphs)

    def clear(self) -> None:
        """Every graph noted as ours is dropped, and the notes last."""
        for (name,) in self._rows(notes.GRAPHS):
            self._update(f"DROP SILENT GRAPH <{name}>")
        self._update(notes.FORGET_ALL)

    def reopen(self) -> None:
        """Nothing is held open that a fault could have harmed."""

    def close(self) -> None:
        """The connections are closed."""
        self._client.close()

    def ask(
        self,
        query: str,
        accept: str,
        about: Dataset = _THEIRS,
        *,
        largest: int,
        seconds: float | None = None,
    ) -> Answered:
        """A question passed on, and what came back, whole; it must have been looked at before: it is not here.

        `seconds` is how long it may take if that is less than usual.
        Raises StoreUnreachable when nothing came back in time, StoreRefused when the server would not answer it.
        """
        form: dict[str, Any] = {
            "query": query,
            "default-graph-uri": about.default_graphs,
            "named-graph-uri": about.named_graphs,
        }
        if about.as_one:
            # Oxigraph has to be told; others do so of themselves, and pass over what they do not know.
            form["union-default-graph"] = ""
        headers, address = {"Accept": accept}, self._addresses.query
        media_type, body = self._send("POST", address, largest, seconds=seconds, data=form, headers=headers)
        return Answered(media_type, body)

    def _owned(self, graphs: Sequence[str]) -> frozenset[str]:
        return frozenset(name for (name,) in self._rows(notes.owned(graphs))) if graphs else frozenset()

    def _count(self, graphs: Sequence[str]) -> int:
        rows = (self._row(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}") for name in graphs)
        return sum(int(row[0] or 0) for row in rows)

    def _put(self, graphs: Graphs) -> None:
        memory = notes.read_into_memory(graphs.data)
        for name in graphs.names:
            data = memory.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(name)) or b""
            if self._addresses.graphs:
                self._send(
                    "PUT",
                    self._addresses.graphs,
                    _LARGEST_NOTE,
                    params={"graph": name},
                    content=data,
                    headers={"Content-Type": _TRIPLES},
                )
            else:
                self._update(f"DROP SILENT GRAPH <{name}>")
                for chunk in _chunks(memory, name):
                    self._update(_insert(name, chunk))

    def _update(self, text: str) -> None:
        headers = {"Content-Type": "application/sparql-update"}
        self._send("POST", self._addresses.update, _LARGEST_NOTE, content=text.encode(), headers=headers)

    def _row(self, query: str) -> tuple[str, ...]:
        return next(iter(self._rows(query)), ())

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        answered = self.ask(query, _RESULTS, largest=_LARGEST_NOTE)
        try:
            found: dict[str, Any] = orjson.loads(answered.body)
            variables = found["head"]["vars"]
            rows = found["results"]["bindings"]
            return [tuple(row.get(name, {}).get("value", "") for name in variables) for row in rows]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreachable("The SPARQL server answered something else than results.") from error

    def _send(
        self, method: str, url: str, largest: int, *, seconds: float | None = None, **parts: Any
    ) -> tuple[str, bytes]:
        usual = self._addresses.seconds
        within = min(seconds or usual, usual)
        until = time.monotonic() + within
        # What is cut short though the server may be well is told apart from a server that is slow at everything.
        slow = "store.slow" if within < usual else "store.unreachable"
        parts["timeout"] = httpx.Timeout(within, connect=min(5.0, within))
        try:
            with self._client.stream(method, url, **parts) as answer:
                if not answer.is_success:
                    raise _not_done(answer)
                body = bytearray()
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > largest:
                        raise StoreRefused(
                            "store.large", "The answer is too large.", mend="Ask for less: add a LIMIT or a filter."
                        )
                    if time.monotonic() > until:
                        raise _unreachable("The SPARQL server took too long.", slow)
                return answer.headers.get("content-type", ""), bytes(body)
        except httpx.ConnectTimeout as error:
            raise _unreachable("The SPARQL server cannot be reached in time.") from error
        except httpx.TimeoutException as error:
            raise _unreachable("The SPARQL server took too long.", slow) from error
        except httpx.HTTPError as error:
            raise _unreachable(f"The SPARQL server cannot be reached ({type(error).__name__}).") from error


def _check(address: str) -> None:
    url = httpx.URL(address)
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        raise StoreRefused(
            "store.address",
            "An address of a SPARQL server is http(s)://host/path, without password, question mark or hash.",
            mend="Give user and password in their own settings.",
        )


def _not_done(answer: httpx.Response) -> Exception:
    # What the server writes about it may quote what was sent, so only its number is told.
    if answer.is_redirect:
        return _unreachable("The SPARQL server points elsewhere, and it is not followed.")
    if answer.status_code == httpx.codes.BAD_REQUEST:
        return StoreRefused("store.question", "The SPARQL server cannot read this.", mend="Look at the question.")
    if answer.status_code == httpx.codes.NOT_ACCEPTABLE:
        return StoreRefused("store.form", "The SPARQL server does not answer in this form.", mend="Ask for another.")
    return _unreachable(f"The SPARQL server answered {answer.status_code}.")


def _unreachable(what: str, code: str = "store.unreachable") -> StoreUnreachable:
    return StoreUnreachable(code, what, mend=_MEND)


def _insert(graph: str, triples: Sequence[str]) -> str:
    return f"INSERT DATA {{ GRAPH <{graph}> {{\n{chr(10).join(triples)}\n}} }}"


def _chunks(memory: ox.Store, graph: str) -> Iterator[list[str]]:
    """The triples of a graph in handfuls; blank nodes get names, for each handful would have its own."""
    chunk: list[str] = []
    for quad in memory.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
        chunk.append(f"{_named(quad.subject)} {quad.predicate} {_named(quad.object)} .")
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _named(term: object) -> str:
    return f"<urn:spine-store:blank-{term.value}>" if isinstance(term, ox.BlankNode) else str(term)
