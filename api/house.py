"""What every route has at hand: the library, the store, the workers, the settings, and those who watch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.requests import Request

from api.settings import MIB, Settings
from api.warmth import warming
from api.watch import Log, Metrics
from api.workers.frames import Reply
from api.workers.isolation import Limits
from api.workers.pool import Lane, Nursery, Pool

if TYPE_CHECKING:
    from api.store import Store
    from reasoner import Library

CASES: Final = "cases"
QUERIES: Final = "queries"
PROOFS: Final = "proofs"


@dataclass(frozen=True, slots=True)
class House:
    """One server's belongings; made once, handed to every route."""

    library: Library
    store: Store
    settings: Settings
    metrics: Metrics
    log: Log
    nursery: Nursery
    pools: Mapping[str, Pool]
    state: dict[str, bool] = field(default_factory=lambda: {"ready": False})

    @property
    def cases(self) -> Pool:
        """The workers that read and determine cases."""
        return self.pools[CASES]

    @property
    def queries(self) -> Pool:
        """The workers that answer SPARQL queries."""
        return self.pools[QUERIES]

    @property
    def proofs(self) -> Pool:
        """The worker that judges proofs again."""
        return self.pools[PROOFS]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Have the workers born; on leaving, end them and close the store."""
        await self.nursery.start()
        try:
            for pool in self.pools.values():
                await pool.start()
            self.state["ready"] = True
            self.log.event("ready", network=self.nursery.facts.get("network"), kept=len(self.store.ids()))
            if self.nursery.facts.get("network") != "none":
                self.log.warning("network.open", told="This platform does not let workers leave the network.")
            with warming(self.library) if self.settings.warm else nullcontext():
                yield
        finally:
            self.state["ready"] = False
            for pool in self.pools.values():
                await pool.stop()
            await self.nursery.stop()
            self.store.close()
            self.log.event("stopped")


def house(library: Library, store: Store, settings: Settings) -> House:
    """Everything that a server needs, nothing of it started."""
    metrics = Metrics()
    log = Log(metrics)
    nursery = Nursery(library.root, told=lambda how: metrics.workers_ended.labels(how).inc())

    def noted(lane: str, how: str) -> None:
        metrics.jobs.labels(lane, how).inc()

    def failed(lane: str, reply: Reply) -> None:
        log.failure(lane, reply.facts)

    pools = {lane.name: Pool(lane, nursery, noted, failed) for lane in _lanes(settings)}
    for name, pool in pools.items():
        metrics.busy.labels(name).set_function(partial(getattr, pool, "busy"))
        metrics.waiting.labels(name).set_function(partial(getattr, pool, "waiting"))
    metrics.kept.set_function(lambda: len(store.ids()))
    return House(library, store, settings, metrics, log, nursery, pools)


def _lanes(settings: Settings) -> tuple[Lane, ...]:
    memory = settings.memory * MIB
    return (
        Lane(
            CASES,
            settings.workers,
            Limits(memory),
            settings.case_seconds,
            settings.waiting,
            settings.patience,
        ),
        # Queries run politely: a server full of slow ones still answers everybody else.
        Lane(
            QUERIES,
            settings.query_workers,
            Limits(memory, file=MIB, niceness=10),
            settings.query_seconds,
            settings.waiting,
            settings.query_patience,
        ),
        Lane(PROOFS, 1, Limits(memory, niceness=10), settings.recheck_seconds, 4, settings.patience, jobs=20),
    )


async def house_of(request: Request) -> House:
    """The house that a request came to."""
    found: House = request.app.state.house
    return found
