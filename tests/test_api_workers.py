"""Workers: a job that crashes, hangs or devours costs its worker and nobody else; what was taken from them stays taken."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from api.problems import Refusal
from api.workers.frames import Job
from api.workers.isolation import Limits
from api.workers.pool import Lane, Nursery, Pool

HERE = Path(__file__).parent
LANE = Lane("tests", 1, Limits(256 * 2**20), seconds=30, waiting=2, patience=5)


@asynccontextmanager
async def pool_of(lane: Lane = LANE) -> AsyncIterator[Pool]:
    nursery = Nursery(HERE, maker="worker_tasks:work")
    await nursery.start()
    pool = Pool(lane, nursery)
    try:
        await pool.start()
        yield pool
    finally:
        await pool.stop()
        await nursery.stop()


@pytest.fixture(autouse=True)
def _tasks_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{HERE}:{HERE.parent}")


def run(act: Callable[[Pool], Awaitable[None]], lane: Lane = LANE) -> None:
    async def whole() -> None:
        async with pool_of(lane) as pool:
            await act(pool)

    asyncio.run(whole())


async def said(pool: Pool, task: str, *, seconds: float | None = None, **arguments: object) -> str:
    return (await pool.run(Job(task, dict(arguments), b"body"), seconds=seconds)).body.decode()


async def code(pool: Pool, task: str, *, seconds: float | None = None) -> str:
    with pytest.raises(Refusal) as refused:
        await said(pool, task, seconds=seconds)
    return refused.value.problem.code


def test_a_job_is_answered_with_its_parts_and_the_worker_is_used_again() -> None:
    async def act(pool: Pool) -> None:
        first = await pool.run(Job("echo", {}, b"x" * 3_000_000))
        assert first.body.endswith(b" 3000000")
        assert first.parts["again"] == first.body
        assert (await said(pool, "echo")).split()[0] == first.body.decode().split()[0]

    run(act)


@pytest.mark.parametrize(
    ("task", "expected"), [("sleep", "work.too-long"), ("devour", "work.too-large"), ("crash", "work.too-large")]
)
def test_a_job_that_outlives_its_limits_is_refused_and_the_next_is_answered(task: str, expected: str) -> None:
    async def act(pool: Pool) -> None:
        before = await said(pool, "echo")
        assert await code(pool, task, seconds=0.5 if task == "sleep" else None) == expected
        assert (await said(pool, "echo")).split()[0] != before.split()[0]

    run(act)


def test_a_worker_reaches_no_server_of_this_machine_and_writes_no_file(tmp_path: Path) -> None:
    async def act(pool: Pool) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            assert await said(pool, "call", port=server.getsockname()[1]) == "OSError"
        await said(pool, "write", path=str(tmp_path / "file"))
        assert not (tmp_path / "file").exists() or (tmp_path / "file").read_bytes() == b""

    run(act)


def test_too_many_that_wait_are_turned_away_with_the_time_to_come_back() -> None:
    async def act(pool: Pool) -> None:
        slow = [asyncio.create_task(code(pool, "sleep", seconds=1.5)) for _ in range(2)]
        await asyncio.sleep(0.1)
        with pytest.raises(Refusal) as refused:
            await said(pool, "echo")
        assert refused.value.problem.status == 503
        assert refused.value.problem.retry_after
        assert set(await asyncio.gather(*slow)) <= {"work.too-long", "server.busy"}

    run(act, replace(LANE, waiting=1, patience=0.5))


def test_a_caller_who_goes_away_frees_the_worker() -> None:
    async def act(pool: Pool) -> None:
        task = asyncio.create_task(said(pool, "sleep"))
        await asyncio.sleep(0.2)
        task.cancel()
        assert (await said(pool, "echo")).endswith(" 4")

    run(act)


def test_a_worker_makes_room_for_a_fresh_one() -> None:
    async def act(pool: Pool) -> None:
        numbers = {(await said(pool, "echo")).split()[0] for _ in range(4)}
        assert len(numbers) == 2

    run(act, replace(LANE, jobs=2))


def test_a_zygote_that_died_is_started_again() -> None:
    async def act(pool: Pool) -> None:
        await said(pool, "echo")
        process = pool._nursery._process
        assert process is not None
        process.kill()
        process.wait()
        # Its workers go with it; a request in that moment may be refused, and the one after is answered.
        for _ in range(20):
            try:
                assert (await said(pool, "echo")).endswith(" 4")
            except Refusal:
                await asyncio.sleep(0.1)
            else:
                return
        pytest.fail("no worker came back")

    run(act)
