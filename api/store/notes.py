"""What an index notes about itself, in a graph of its own: which journal it follows, how far, and how much it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import pyoxigraph as ox

from api.store.errors import StoreRefused
from api.store.journal import Line

META: Final = "urn:spine-store:notes"
"""The graph of the notes; a question about guidelines or determinations has no use for it."""

_OWN: Final = "urn:spine-store:"
_KNOWLEDGE: Final = _OWN + "knowledge"
_INTEGER: Final = "http://www.w3.org/2001/XMLSchema#integer"

LAST: Final = f"""SELECT (MAX(?n) AS ?last) (COUNT(?n) AS ?count)
WHERE {{ GRAPH <{META}> {{ ?entry <{_OWN}sequence> ?n }} }}"""
TOLD: Final = f"SELECT (SUM(?q) AS ?quads) WHERE {{ GRAPH <{META}> {{ ?owner <{_OWN}quads> ?q }} }}"
KNOWLEDGE: Final = f"SELECT ?hash WHERE {{ GRAPH <{META}> {{ <{_KNOWLEDGE}> <{_OWN}hash> ?hash }} }}"
JOURNAL: Final = f"SELECT ?journal WHERE {{ GRAPH <{META}> {{ <{_KNOWLEDGE}> <{_OWN}journal> ?journal }} }}"
HELD: Final = f"""SELECT (COUNT(*) AS ?quads)
WHERE {{ GRAPH <{META}> {{ ?owner <{_OWN}graph> ?graph }} GRAPH ?graph {{ ?s ?p ?o }} }}"""
OWN: Final = f"SELECT (COUNT(*) AS ?quads) WHERE {{ GRAPH <{META}> {{ ?s ?p ?o }} }}"
GRAPHS: Final = f"SELECT DISTINCT ?graph WHERE {{ GRAPH <{META}> {{ ?owner <{_OWN}graph> ?graph }} }}"
KNOWLEDGE_GRAPHS: Final = f"SELECT ?graph WHERE {{ GRAPH <{META}> {{ <{_KNOWLEDGE}> <{_OWN}graph> ?graph }} }}"
FORGET_KNOWLEDGE: Final = f"DELETE WHERE {{ GRAPH <{META}> {{ <{_KNOWLEDGE}> ?p ?o }} }}"
FORGET_ALL: Final = f"DROP SILENT GRAPH <{META}>"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is asked about besides the kept determinations: its hash, and its N-Quads, made only when needed."""

    hash: str
    quads: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class State:
    """What an index says of itself: its journal, the last line it holds, its knowledge, and whether that adds up."""

    journal: str = ""
    sequence: int = 0
    chain: str = ""
    knowledge: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Graphs:
    """Named graphs that were read and may be put into an index."""

    data: bytes
    names: tuple[str, ...]
    quads: int

    def without(self, names: frozenset[str]) -> Graphs:
        """These graphs but for some; content-addressed graphs are put in once."""
        if names.isdisjoint(self.names):
            return self
        rest = read_into_memory(self.data)
        for name in names:
            rest.remove_graph(ox.NamedNode(name))
        return _graphs(rest)


def state_of(row: Callable[[str], tuple[str, ...]], held: int) -> State:
    """The state of an index from its notes, asked one question at a time, and the quads that it was found to hold."""
    sequence, count = (int(one or 0) for one in row(LAST))
    told = int((row(TOLD) or ("",))[0] or 0)
    journal, chain, knowledge = (row(query) for query in (JOURNAL, chain_of(sequence), KNOWLEDGE))
    return State(
        journal=journal[0] if journal else "",
        sequence=sequence,
        chain=chain[0] if chain else "",
        knowledge=knowledge[0] if knowledge else "",
        whole=count == sequence and told == held,
    )


class Index(Protocol):
    """What the store asks of an index, wherever it is; all of it can be made again from the truth."""

    def state(self) -> State:
        """What the index says of itself, counted anew."""
        ...

    def names(self) -> frozenset[str]:
        """The determinations it holds."""
        ...

    def put_knowledge(self, knowledge: Knowledge, journal: str) -> None:
        """The knowledge in place of the one before it."""
        ...

    def add(self, line: Line, graphs: Graphs) -> None:
        """The graphs of the next determination, with a note of it: both, or none that counts."""
        ...

    def fill(self, entries: Sequence[tuple[Line, Graphs]]) -> None:
        """As `add` for many at once, faster; after a stop in the middle the state does not add up."""
        ...

    def clear(self) -> None:
        """Nothing of ours is left in it."""
        ...

    def reopen(self) -> None:
        """The index as it is now, after a fault."""
        ...

    def close(self) -> None:
        """The index is let go."""
        ...


def read_graphs(text: str) -> Graphs:
    """The graphs of a determination from its N-Quads; raises StoreRefused for what is not in a graph of its own.

    >>> read_graphs("<urn:a> <urn:b> <urn:c> <urn:g> .").names
    ('urn:g',)
    """
    try:
        memory = read_into_memory(text.encode())
    except (SyntaxError, UnicodeEncodeError) as error:
        raise _refused("The graphs to be kept are no N-Quads.") from error
    return _graphs(memory)


def knowledge_graphs(knowledge: Knowledge) -> Graphs:
    """The graphs of the knowledge, made and read."""
    try:
        return _graphs(read_into_memory(knowledge.quads()))
    except SyntaxError as error:
        raise _refused("The graphs of the knowledge are no N-Quads.") from error


def read_into_memory(data: bytes) -> ox.Store:
    """N-Quads in a store of their own; blank nodes get names that no other has."""
    memory = ox.Store()
    memory.load(data, format=ox.RdfFormat.N_QUADS)
    return memory


def note(line: Line, graphs: Sequence[str], quads: int) -> list[str]:
    """The note of a determination, as triples in N-Triples.

    >>> note(Line(7, "ab" * 32, "cd" * 32, 9, "ef" * 32), ["urn:g"], 3)[0]
    '<urn:spine-store:entry-7> <urn:spine-store:sequence> "7"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    """
    entry = f"{_OWN}entry-{line.sequence}"
    return [
        _triple(entry, "sequence", _number(line.sequence)),
        _triple(entry, "quads", _number(quads)),
        _triple(entry, "name", f'"{line.name}"'),
        _triple(entry, "chain", f'"{line.chain}"'),
        *(_triple(entry, "graph", f"<{name}>") for name in graphs),
    ]


def note_knowledge(hash_: str, journal: str, graphs: Sequence[str], quads: int) -> list[str]:
    """The note of the knowledge and of the journal, as triples in N-Triples."""
    return [
        _triple(_KNOWLEDGE, "hash", f'"{hash_}"'),
        _triple(_KNOWLEDGE, "quads", _number(quads)),
        _triple(_KNOWLEDGE, "journal", f'"{journal}"'),
        *(_triple(_KNOWLEDGE, "graph", f"<{name}>") for name in graphs),
    ]


def in_meta(triples: Sequence[str]) -> bytes:
    """Triples as N-Quads in the graph of the notes."""
    return "".join(f"{one.removesuffix('.')}<{META}> .\n" for one in triples).encode()


def chain_of(sequence: int) -> str:
    """The question for the chain of one entry."""
    return f"SELECT ?chain WHERE {{ GRAPH <{META}> {{ <{_OWN}entry-{sequence}> <{_OWN}chain> ?chain }} }}"


def names_after(sequence: int, limit: int) -> str:
    """The question for the next names after one number, in their order."""
    return f"""SELECT ?n ?name WHERE {{ GRAPH <{META}> {{ ?e <{_OWN}sequence> ?n ; <{_OWN}name> ?name }}
FILTER(?n > {sequence}) }} ORDER BY ?n LIMIT {limit}"""


def owned(graphs: Sequence[str]) -> str:
    """The question which of these graphs are held already."""
    values = " ".join(f"<{name}>" for name in graphs)
    return f"""SELECT DISTINCT ?graph WHERE {{ VALUES ?graph {{ {values} }}
GRAPH <{META}> {{ ?owner <{_OWN}graph> ?graph }} }}"""


def _graphs(memory: ox.Store) -> Graphs:
    names = tuple(sorted(name.value for name in memory.named_graphs() if isinstance(name, ox.NamedNode)))
    if len(names) < len(list(memory.named_graphs())) or any(name.startswith(_OWN) for name in names):
        raise _refused("A graph to be kept has no name of its own.")
    if next(memory.quads_for_pattern(None, None, None, ox.DefaultGraph()), None) is not None:
        raise _refused("A statement to be kept is in no named graph.")
    return Graphs(memory.dump(format=ox.RdfFormat.N_QUADS) or b"", names, len(memory))


def _refused(what: str) -> StoreRefused:
    return StoreRefused("store.graphs", what, mend="Name each graph after what it holds.")


def _triple(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{_OWN}{predicate}> {value} ."


def _number(value: int) -> str:
    return f'"{value}"^^<{_INTEGER}>'
