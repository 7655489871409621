"""One connection: closed when the head of a request does not come in time, or when its answer is not taken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from api.problems import MEDIA_TYPE, Problem, Refusal

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

LOOK: Final = 15.0
"""Seconds between two looks at a connection: so long a head may take, and so long an answer may lie untouched."""
_LEAST: Final = 1_024 * int(LOOK)
"""Bytes of an answer that have to be taken from one look to the next."""
_BEYOND: Final = 64
"""So many connections above the most are told that they are too many; further ones are hung up on."""


class Connection(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with an end to waiting: uvicorn itself waits for a slow head for ever."""

    _looking: asyncio.TimerHandle | None = None
    _left = 0
    _answered: object = None
    _drained = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to look after it; one too many is told so, or hung up on."""
        super().connection_made(transport)
        most, self.limit_concurrency = self.limit_concurrency, None
        if most is not None and len(self.connections) > most:
            self.app = _crowded
            if len(self.connections) > most + _BEYOND:
                transport.abort()
        self._looking = self.loop.call_later(LOOK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no longer."""
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        """Remember that something was taken."""
        self._drained = True
        super().resume_writing()

    def _look(self) -> None:
        left = self.transport.get_write_buffer_size()
        waits = self.cycle is None or self.cycle.response_complete
        if left:
            taken = self._left - left
            stuck = self._left > 0 and (taken < _LEAST if waits else self.flow.write_paused and not self._drained)
        else:
            stuck = waits and self.cycle is self._answered
        if stuck:
            self.transport.abort()
            return
        self._left, self._answered, self._drained = left, self.cycle, False
        self._looking = self.loop.call_later(LOOK, self._look)


async def _crowded(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Say that there are too many, whatever is asked."""
    await send(
        {
            "type": "http.response.start",
            "status": _CROWD.status,
            "headers": [
                (b"content-type", MEDIA_TYPE.encode()),
                (b"retry-after", str(_CROWD.retry_after).encode()),
                (b"cache-control", b"no-store"),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": _CROWD.to_bytes()})


_CROWD: Final[Problem] = Refusal(
    "server.busy", "Too many connections are open.", mend="Send it again in a moment.", retry_after=5
).problem
