"""The store under what happens to servers: killed, doubled, and out of room."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import api
from api.store import Kept, Knowledge, StoreBusy, open_store

HOME: Final = Path(api.__file__).resolve().parents[1]
CRASH: Final = HOME / "benchmarks" / "crash.py"
ENVIRONMENT: Final = {**os.environ, "PYTHONPATH": str(HOME)}
KNOWLEDGE: Final = Knowledge("of the benchmark", lambda: b"<urn:a> <urn:is> <urn:known> <urn:knowledge> .\n")

FULL: Final = """
import json, resource, sys
from pathlib import Path
from api.store import Kept, Knowledge, StoreFull, open_store

def record(number, size):
    name = f"{number:064x}"
    quads = "".join(f'<urn:d:{number}> <urn:says> "{one} {number}" <urn:kept:{name}> .\\n' for one in range(20))
    # Not to be compressed, so that its size on the disk is its size here.
    import hashlib
    filler = "".join(hashlib.sha512(f"{number} {one}".encode()).hexdigest() for one in range(size // 64))
    return Kept(name, "{}", filler, quads)

store = open_store(Path(sys.argv[1]), Knowledge("k", lambda: b"<urn:a> <urn:b> <urn:c> <urn:k> .\\n"))
store.keep(record(1, 1000))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
told = []
for number, size in ((2, 1000), (3, 1_000_000), (4, 1000)):
    try:
        store.keep(record(number, size))
        told.append("kept")
    except StoreFull as error:
        told.append(error.code)
readable = [store.get(record(number, 1000).name) == record(number, 1000) for number in (1, 2, 4)]
leftovers = [str(path) for path in Path(sys.argv[1]).rglob("*.tmp")]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.keep(record(3, 1_000_000))
store._rest_until = 0
print(json.dumps({"told": told, "readable": readable, "leftovers": leftovers, "caught up": store.catch_up(),
                  "whole": store.verify().whole, "kept": len(store.ids())}))
store.close()
"""


def test_ten_kills_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(CRASH), "--rounds", "10", "--acks", "400", "--folder", str(tmp_path), "--json"]
    done = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["rounds"] == 10
    assert found["acknowledged"] >= 400
    assert (found["lost"], found["partial"]) == (0, 0)
    assert found["kept"] >= found["acknowledged"]


def test_a_second_server_is_refused_and_the_next_one_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    command = [sys.executable, str(CRASH), "--write", str(folder)]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        first = other.stdout.readline().strip()
        with pytest.raises(StoreBusy) as caught:
            open_store(folder, KNOWLEDGE)
        other.kill()
        other.wait()
    assert caught.value.code == "store.busy"
    store = open_store(folder, KNOWLEDGE)
    try:
        assert store.get(first) is not None
    finally:
        store.close()


def test_two_stores_in_one_process_are_refused_too(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data", KNOWLEDGE)
    try:
        with pytest.raises(StoreBusy):
            open_store(tmp_path / "data", KNOWLEDGE)
        store.keep(Kept("ab" * 32, "{}"))
    finally:
        store.close()
    open_store(tmp_path / "data", KNOWLEDGE).close()


def test_a_forked_child_does_not_hold_the_folder(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from api.store import Knowledge, open_store
store = open_store(Path(sys.argv[1]), Knowledge("k", lambda: b""))
ready, told = os.pipe()
child = os.fork()
if child == 0:
    os.write(told, b"x")
    sys.stdin.read()  # as long as the test holds the other end
    os._exit(0)
os.read(ready, 1)
print(child, flush=True)
os.kill(os.getpid(), 9)
"""
    folder = tmp_path / "data"
    command = [sys.executable, "-W", "ignore", "-c", script, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=ENVIRONMENT, **pipes) as parent:  # type: ignore[call-overload]
        child = int(parent.stdout.readline())
        parent.wait()
        os.kill(child, 0)  # it lives
        open_store(folder, Knowledge("k", lambda: b"")).close()
        parent.stdin.close()


def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path / "data")]
    done = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "told": ["kept", "store.full", "kept"],
        "readable": [True, True, True],
        "leftovers": [],
        "caught up": True,
        "whole": True,
        "kept": 4,
    }


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
def test_the_system_is_told_to_sync_before_each_acknowledgement(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from api.store import Kept, Knowledge, open_store
store = open_store(Path(sys.argv[1]), Knowledge("k", lambda: b""))
for number in range(5):
    os.write(1, (store.keep(Kept(f"{number:064x}", "{}")).name + "\\n").encode())
store.close()
"""
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,write"
    log = tmp_path / "calls"
    command = ["strace", "-f", "-y", "-s", "100", "-e", calls, "-o", str(log)]
    command += [sys.executable, "-c", script, str(tmp_path / "data")]
    done = subprocess.run(command, env=ENVIRONMENT, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("strace may not trace here")
    lines = log.read_text(encoding="utf-8").splitlines()
    for number in range(5):
        name = f"{number:064x}"
        wanted = [
            rf"fsync\(\d+<.*/kept/00/\.{name}\.json\.gz\.\w+\.tmp>",
            rf"rename.*{name}\.json\.gz\.\w+\.tmp.*{name}\.json\.gz\"",
            r"fsync\(\d+<.*/kept/00>",
            rf"write\(\d+<.*/journal>, \"\d+ {name}",
            r"fsync\(\d+<.*/journal>",
            rf"write\(1<.*>, \"{name}",
        ]
        for line in lines:
            if wanted and re.search(wanted[0], line):
                wanted.pop(0)
        assert wanted == []
