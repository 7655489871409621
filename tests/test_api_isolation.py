"""One request cannot harm another: what hangs, devours or is killed costs itself, and a worker has nothing to reach with."""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from api.workers.isolation import Limits, confine, no_core
from tests.doors import Server, example, serving
from tests.hostile_queries import FIXED
from tests.hostile_requests import Sent
from tests.test_api_hostile import Answer, send
from tests.test_api_privacy import processes

CASE = Sent("POST", "/v1/determinations", {"Content-Type": "text/turtle"}, example("l2-burst-metastasis.ttl"))
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
DEVOURING = FIXED["grown text"]
LIMITS = {"work.too-long", "work.too-large"}
"""Which of its limits an endless query meets first is for the engine to say."""
AT_ONCE = 24


def query(text: str) -> Sent:
    return Sent("POST", "/sparql", {"Content-Type": "application/sparql-query"}, text.encode())


def code(answer: Answer) -> str:
    return str(json.loads(answer.body).get("code", ""))


@pytest.fixture(scope="module")
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that gives up on queries after three seconds, and on waiting for one after half of one."""
    data = tmp_path_factory.mktemp("isolation") / "data"
    flags = ("--query-seconds", "3", "--query-patience", "0.5")
    with serving(data, *flags) as running:
        yield running


@contextmanager
def slow_queries(server: Server) -> Iterator[list[Answer]]:
    """While the block runs, many queries are asked over and over that would never end; all that was answered to them."""
    found: list[Answer] = []
    ended, asked = threading.Event(), threading.Barrier(AT_ONCE + 1)

    def ask() -> None:
        asked.wait()
        while not ended.is_set():
            found.append(send(server, query(ENDLESS)))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(AT_ONCE):
            pool.submit(ask)
        asked.wait()
        try:
            while not found:  # The first are turned away once the workers are all at work.
                ended.wait(0.05)
            yield found
        finally:
            ended.set()


def test_slow_queries_keep_nobody_else_waiting_and_most_are_turned_away(isolated: Server) -> None:
    with slow_queries(isolated) as slow:
        for path in ("/health/live", "/health/ready", "/metrics", "/v1/criteria?limit=1", "/"):
            assert send(isolated, Sent("GET", path)).status == 200
        for _ in range(3):
            assert send(isolated, CASE).status == 200
    codes = {code(answer) for answer in slow}
    assert "server.busy" in codes
    assert codes & LIMITS
    assert codes <= LIMITS | {"server.busy"}
    for answer in slow:
        assert answer.status == (503 if code(answer) == "server.busy" else 422)
        assert answer.status != 503 or int(answer.headers["retry-after"]) >= 1
    assert send(isolated, query("ASK {}")).status == 200


def test_callers_who_go_away_leave_the_workers_to_others(isolated: Server) -> None:
    body = ENDLESS.encode()
    head = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\nContent-Length: %d\r\n\r\n"
    port = int(isolated.origin.rsplit(":", 1)[1])
    for _ in range(6):
        with socket.create_connection(("127.0.0.1", port)) as channel:
            channel.sendall(head % len(body) + body)
    answers = [send(isolated, query("ASK {}")) for _ in range(10)]
    assert answers[-1].status == 200


def test_what_devours_memory_ends_alone(isolated: Server) -> None:
    answer = send(isolated, query(DEVOURING))
    assert (answer.status, code(answer)) == (422, "work.too-large")
    assert send(isolated, query("ASK {}")).status == 200
    assert isolated.process.poll() is None


def workers(server: Server) -> list[int]:
    """The processes that read what comes from outside."""
    return [int(path.name) for path in processes(server)[2:]]


def zygote(server: Server) -> int:
    """The process that they are born from."""
    return int(processes(server)[1].name)


def answered(server: Server, sent: Sent, tries: int = 100) -> int:
    """How many tries were refused as busy or lost before one was answered."""
    for number in range(tries):
        answer = send(server, sent)
        if answer.status == 200:
            return number
        assert code(answer) in {"work.lost", "work.too-large", "server.busy"}
        threading.Event().wait(0.1)
    pytest.fail("it was never answered")


def test_a_worker_that_is_killed_at_work_is_replaced(isolated: Server) -> None:
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(send, isolated, query(ENDLESS)) for _ in range(2)]
        for worker in workers(isolated):
            with suppress(ProcessLookupError):  # It may have ended by itself.
                os.kill(worker, signal.SIGKILL)
        for one in asked:
            answer = one.result()
            assert answer.status in {422, 503}
            assert code(answer) in {"work.too-large", "work.too-long", "work.lost", "server.busy"}
    answered(isolated, CASE)
    answered(isolated, query("ASK {}"))
    assert send(isolated, CASE).status == 200


def test_when_the_mother_of_all_workers_is_killed_another_takes_over(isolated: Server) -> None:
    before = zygote(isolated)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(send, isolated, query(ENDLESS))
        os.kill(before, signal.SIGKILL)
        assert asked.result().status in {422, 503}
    answered(isolated, CASE)
    answered(isolated, query("ASK {}"))
    assert zygote(isolated) != before
    assert send(isolated, Sent("GET", "/health/ready")).status == 200


def test_a_batch_that_is_broken_off_leaves_births_and_deaths_in_order(isolated: Server) -> None:
    """A worker is killed by its number: one birth that nobody waited for must not shift all numbers after it."""
    lines = b"\n".join([b'{"hasPatient": {}}'] * 500)
    head = b"POST /v1/determinations/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
    head += b"Content-Length: %d\r\n\r\n"
    port = int(isolated.origin.rsplit(":", 1)[1])
    for _ in range(3):
        for worker in workers(isolated):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        with socket.create_connection(("127.0.0.1", port)) as channel:
            channel.sendall(head % len(lines) + lines)
            channel.recv(1)
    answered(isolated, CASE)
    assert code(send(isolated, query(ENDLESS))) in LIMITS
    assert send(isolated, CASE).status == 200
    assert answered(isolated, query("ASK {}")) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the network of a process is Linux's to show")
def test_a_worker_has_no_network_no_privileges_no_files_and_no_voice(isolated: Server) -> None:
    if json.loads(send(isolated, Sent("GET", "/health/ready")).body)["network"] != "none":
        pytest.skip("this machine does not let a process leave the network")
    own = Path(f"/proc/{isolated.process.pid}/ns/net").readlink()
    assert answered(isolated, CASE) == answered(isolated, query("ASK {}")) == 0
    assert len(workers(isolated)) >= 2
    for worker in workers(isolated):
        place = Path(f"/proc/{worker}")
        try:
            assert (place / "ns" / "net").readlink() != own
        except PermissionError:  # A worker shows nothing of itself to others of its user.
            continue
        interfaces = (place / "net" / "dev").read_text(encoding="ascii").splitlines()[2:]
        assert {line.split(":")[0].strip() for line in interfaces} <= {"lo"}
        assert (place / "net" / "route").read_text(encoding="ascii").count("\n") <= 1
        assert "NoNewPrivs:\t1" in (place / "status").read_text(encoding="ascii")
        assert {(place / "fd" / str(stream)).readlink() for stream in (0, 1, 2)} == {Path("/dev/null")}


def test_a_worker_knows_no_key(tmp_path: Path) -> None:
    with serving(tmp_path, environment={"SPINE_KEY": "open sesame", "SPINE_STORE_PASSWORD": "knock knock"}) as server:
        for process in processes(server)[1:]:
            with suppress(PermissionError):
                assert b"SPINE_" not in (process / "environ").read_bytes()


def in_a_child(act: str) -> tuple[int, str]:
    """How a child of this process ends that does something after it was confined, and what it left on its streams."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:  # pragma: no cover  another process
        status = 1
        try:
            os.dup2(writing, 1)
            os.dup2(writing, 2)
            confine(Limits(200 * 2**20))
            _ACTS[act]()
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as said:
        text = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def _speaks() -> None:
    logging.getLogger("rdflib.term").critical("Mrs Miller")
    os.write(1, b"Mrs Miller")
    os.write(2, b"Mrs Miller")


def _devours() -> None:
    try:
        bytearray(400 * 2**20)
    except MemoryError:
        return
    os._exit(7)


def _writes() -> None:
    path = Path.home() / f".isolation-{os.getpid()}"
    try:
        path.write_bytes(b"x")
    except OSError:
        return
    finally:
        path.unlink(missing_ok=True)
    os._exit(7)


_ACTS = {"speaks": _speaks, "devours": _devours, "writes": _writes}


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.parametrize("act", _ACTS)
def test_what_is_confined_says_nothing_writes_nothing_and_grows_no_further(act: str) -> None:
    assert in_a_child(act) == (0, "")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_process_that_leaves_no_image_says_so_to_the_kernel() -> None:

    child = os.fork()
    if not child:  # pragma: no cover  another process
        no_core()
        os._exit(0 if max(resource.getrlimit(resource.RLIMIT_CORE)) <= 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
