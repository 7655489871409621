"""Puts a query to the index, wherever that is: to a worker with a copy of it, or to the server that holds it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from api import media
from api.problems import MEDIA_TYPE, Refusal, refusal_of
from api.store import Dataset, StoreError
from api.tasks.sparql import MOST_BYTES, NO_STORE, offered
from api.workers.frames import Job, Reply
from reasoner.asking import PREFIXES
from reasoner.query_gate import Admitted, admit

if TYPE_CHECKING:
    from api.house import House

_TRIES: Final = 3
_FAILED: Final = 500
_DECLARED: Final = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A query that the gate has let through, the media type of its answer, and the graphs that the request names."""

    query: str
    admitted: Admitted
    media_type: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    @property
    def names_dataset(self) -> bool:
        """Whether the query or the request says what is asked about; if not, it is all graphs as one."""
        return bool(self.default_graphs or self.named_graphs) or self.admitted.names_dataset


def inquiry(query: str, media_type: str) -> Inquiry:
    """A query of our own about all graphs.

    >>> inquiry("ASK {}", "text/csv").names_dataset
    False
    """
    return Inquiry(query, admit(query, PREFIXES), media_type)


async def put(here: House, asked: Inquiry) -> Reply:
    """What the index answers, holding all that is kept; Refusal or StoreError if it cannot."""
    return await (_elsewhere if here.store.remote else _here)(here, asked)


def _settled(reply: Reply) -> Reply:
    """A worker's answer, if it is one."""
    if reply.media_type == MEDIA_TYPE:
        wait = reply.headers.get("Retry-After")
        raise refusal_of(orjson.loads(reply.body), int(wait) if wait else None)
    return reply


async def _here(here: House, asked: Inquiry) -> Reply:
    for left in reversed(range(_TRIES)):
        snapshot = await asyncio.to_thread(here.store.snapshot)
        reply = await here.queries.run(_job(asked, str(snapshot.path), snapshot.generation))
        # While a query waits, so much may be kept that its snapshot makes room for newer ones.
        if reply.status < _FAILED or not left or await asyncio.to_thread(snapshot.path.exists):
            break
    return _settled(reply)


def _job(asked: Inquiry, path: str, generation: int) -> Job:
    graphs = {"default_graphs": list(asked.default_graphs), "named_graphs": list(asked.named_graphs)}
    arguments = {"form": asked.media_type, "path": path, "generation": generation, **graphs}
    return Job("query", arguments, asked.query.encode())


async def _elsewhere(here: House, asked: Inquiry) -> Reply:
    """Have the server that holds the index answer what a worker, with no store at all, could read."""
    _settled(await here.queries.run(_job(asked, NO_STORE, 0)))
    seconds = here.queries.lane.seconds
    async with here.queries.place():
        try:
            told = await asyncio.to_thread(
                here.store.ask,
                _DECLARED + asked.query,
                asked.media_type,
                Dataset(asked.default_graphs, asked.named_graphs, as_one=not asked.names_dataset),
                largest=MOST_BYTES,
                seconds=seconds,
            )
        except StoreError as error:
            raise _refusal(error, seconds) or error from None
    found = media.kind_of(told.media_type)
    if found not in offered(asked.admitted.form):
        raise Refusal("media.not-acceptable", "The server that holds the index does not answer in this form.")
    return Reply(200, found, told.body)


def _refusal(error: StoreError, seconds: float) -> Refusal | None:
    """What the other server would not do, as our own would have refused it; None if it is no such thing."""
    match error.code:
        case "store.slow":
            what, mend = f"This took longer than the {seconds:g} seconds that one request may take.", "Ask for less."
            return Refusal("work.too-long", what, mend=mend)
        case "store.large":
            return Refusal(
                "query.too-large-result", f"The answer is larger than {MOST_BYTES:,} bytes.", mend=error.mend
            )
        case "store.form":
            return Refusal("media.not-acceptable", error.what, mend=error.mend)
        case _:
            return None
