"""A bounded pool of disposable workers: a job that takes too long or too much costs its worker, and nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from api.problems import Refusal
from api.workers.frames import Broken, Job, Reply, job_frame, receive_reply
from api.workers.zygote import BORN, ENDED, READY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from api.workers.isolation import Limits

_LONGEST: Final = 65_536
MAKER: Final = "api.tasks:work"
"""Makes what workers do."""
_ONE_ARENA: Final = {"MALLOC_ARENA_MAX": "1"}
"""Without it each thread of the engine reserves address space, and the limit on that is met by chance."""
_OURS: Final = "SPINE_"
"""Settings begin so; keys and passwords among them are no business of a worker."""
_READ_AHEAD: Final = 4 * 1024 * 1024
_BIRTH: Final = 60.0
"""Seconds that the zygote may take to read the library, and a worker to be born."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Workers of one kind: how many, what each may use, how long a job may take, how many may wait, and how long."""

    name: str
    workers: int
    limits: Limits
    seconds: float
    waiting: int
    patience: float
    jobs: int = 1_000
    """Jobs after which a worker makes room for a fresh one."""


@dataclass(slots=True)
class _Worker:
    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    jobs: int = 0


class Nursery:
    """Keeps the zygote: starts it, asks it for workers, has them killed, and starts it again if it dies."""

    def __init__(self, root: Path, told: Callable[[str], None] = lambda _: None, maker: str = MAKER) -> None:
        self._root = root
        self._maker = maker
        self._told = told
        self._lock = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._born: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None
        self._births = 0
        self.facts: dict[str, Any] = {}
        """What the zygote says of itself: whether it could leave the network."""

    async def start(self) -> None:
        """Start the zygote and wait until it has read the library."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603, ASYNC220  our own module; it has to be a child of this thread
                [sys.executable, "-P", "-m", "api.workers.zygote", str(theirs.fileno()), str(self._root), self._maker],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)} | _ONE_ARENA,
            )
        self._channel = ours
        self._born = asyncio.Queue()
        self._listening = asyncio.create_task(self._listen(ours))
        try:
            async with asyncio.timeout(_BIRTH):
                self.facts = await self._born.get()
        except TimeoutError as error:
            raise Broken from error
        if self.facts.get("event") != READY:
            raise Broken

    @property
    def is_alive(self) -> bool:
        """Whether the zygote lives; when it dies, every worker goes with it."""
        return self._process is not None and self._process.poll() is None

    async def _listen(self, channel: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await loop.sock_recv(channel, _LONGEST):
                event = orjson.loads(data)
                if event["event"] == ENDED:
                    self._told("ended" if event["status"] == 0 else f"signal {-event['status']}")
                else:
                    self._born.put_nowait(event)
        self._born.put_nowait({"event": ENDED})

    async def bear(self, limits: Limits) -> _Worker:
        """A new worker; Broken if none can be had."""
        async with self._lock:
            if not self.is_alive:
                await self._stop_zygote()
                await self.start()
            if self._channel is None:
                raise Broken
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                with theirs:
                    number = await self._delivered(self._channel, limits, theirs)
                reader, writer = await asyncio.open_connection(sock=ours, limit=_READ_AHEAD)
            except (OSError, TimeoutError) as error:
                ours.close()
                raise Broken from error
            except BaseException:
                ours.close()  # The worker finds nobody on its channel, and ends.
                raise
        return _Worker(number, reader, writer)

    async def _delivered(self, channel: socket.socket, limits: Limits, handle: socket.socket) -> int:
        """The number of the worker that this very birth brought; one that nobody waited for is passed over."""
        self._births += 1
        asked = {"limits": asdict(limits), "birth": self._births}
        # A message of a hundred bytes on a channel that is read at once: it never waits.
        socket.send_fds(channel, [orjson.dumps(asked)], [handle.fileno()])
        async with asyncio.timeout(_BIRTH):
            while (event := await self._born.get()).get("birth") != self._births:
                if event["event"] == ENDED:
                    raise Broken
        if event["event"] != BORN:
            raise Broken
        return int(event["worker"])

    def kill(self, worker: _Worker) -> None:
        """Have a worker killed at once."""
        if self._channel is not None:
            with contextlib.suppress(OSError):
                self._channel.send(orjson.dumps({"kill": worker.number}))
        worker.writer.close()

    async def stop(self) -> None:
        """End the zygote and so every worker."""
        async with self._lock:
            await self._stop_zygote()

    async def _stop_zygote(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
            self._process = None


class Pool:
    """The workers of one lane, and the short queue before them."""

    def __init__(
        self,
        lane: Lane,
        nursery: Nursery,
        noted: Callable[[str, str], None] = lambda _lane, _how: None,
        failed: Callable[[str, Reply], None] = lambda _lane, _reply: None,
    ) -> None:
        self.lane = lane
        self._nursery = nursery
        self._noted = noted
        self._failed = failed
        self._idle: deque[_Worker] = deque()
        self._free = asyncio.Semaphore(lane.workers)
        self.waiting = 0
        self.busy = 0

    async def start(self) -> None:
        """Have the workers born before the first request needs them."""
        for _ in range(self.lane.workers):
            self._idle.append(await self._nursery.bear(self.lane.limits))

    async def stop(self) -> None:
        """Hang up on every idle worker; the nursery ends the others."""
        while self._idle:
            worker = self._idle.popleft()
            worker.writer.close()
            with contextlib.suppress(OSError):
                await worker.writer.wait_closed()

    async def run(self, job: Job, *, seconds: float | None = None) -> Reply:
        """What a worker answers to a job.

        Raises Refusal: `server.busy` when too many wait or one waits too long, `work.too-long` when the job
        outlives its time, `work.too-large` when it dies of its limits.
        """
        async with self.place():
            return await self._run(job, seconds or self.lane.seconds)

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place of the lane, also for work of its kind that another server does; Refusal as `run` raises it."""
        await self._queue()
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1
            self._free.release()

    async def _queue(self) -> None:
        if self._free.locked():
            if self.waiting >= self.lane.waiting:
                self._noted(self.lane.name, "turned away")
                raise self._refused()
            self.waiting += 1
            try:
                async with asyncio.timeout(self.lane.patience):
                    await self._free.acquire()
            except TimeoutError:
                self._noted(self.lane.name, "turned away")
                raise self._refused() from None
            finally:
                self.waiting -= 1
        else:
            await self._free.acquire()

    def _refused(self) -> Refusal:
        return Refusal(
            "server.busy",
            "Too many requests are being worked on.",
            mend="Send it again in a moment.",
            retry_after=max(1, round(min(self.lane.seconds, 5))),
        )

    async def _run(self, job: Job, seconds: float) -> Reply:
        worker = await self._worker()
        keep = False
        try:
            async with asyncio.timeout(seconds):
                worker.writer.write(job_frame(job))
                await worker.writer.drain()
                reply = await receive_reply(worker.reader)
            worker.jobs += 1
            keep = worker.jobs < self.lane.jobs and not reply.facts.get("retire")
        except TimeoutError:
            self._noted(self.lane.name, "too long")
            raise Refusal(
                "work.too-long",
                f"This took longer than the {seconds:g} seconds that one request may take.",
                mend="Ask for less in one request, or use the command line, which has no such limit.",
            ) from None
        except (Broken, OSError):
            if not self._nursery.is_alive:  # It took every worker with it, whatever they were at.
                self._noted(self.lane.name, "lost")
                raise _lost() from None
            self._noted(self.lane.name, "too large")
            raise Refusal(
                "work.too-large",
                "This needed more memory than one request may use.",
                mend="Ask for less in one request.",
            ) from None
        else:
            if "failed" in reply.facts:
                self._failed(self.lane.name, reply)
            self._noted(self.lane.name, "failed" if "failed" in reply.facts else "done")
            return reply
        finally:
            # Also when the caller has gone away in the middle: what is still at work is no use to anybody else.
            if keep:
                self._idle.append(worker)
            else:
                self._nursery.kill(worker)

    async def _worker(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if not worker.reader.at_eof():
                return worker
            self._nursery.kill(worker)
        try:
            return await self._nursery.bear(self.lane.limits)
        except Broken:
            self._noted(self.lane.name, "not born")
            raise _lost() from None


def _lost() -> Refusal:
    return Refusal("work.lost", "The workers are being started again.", mend="Send it again.", retry_after=2)
