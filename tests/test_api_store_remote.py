"""The same store with its index on another server: Oxigraph's in the everyday run, Virtuoso where it is installed."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final, cast

import httpx
import pytest

from api.store import (
    Kept,
    Knowledge,
    RemoteAddresses,
    Store,
    StoreBehind,
    StoreDamaged,
    StoreForeign,
    StoreRefused,
    StoreUnreachable,
    open_store,
    rebuild_store,
)
from api.store.remote import Remote

JSON: Final = "application/sparql-results+json"
KNOWLEDGE: Final = Knowledge(
    "first",
    lambda: "".join(f'<urn:a:{one}> <urn:p> _:x{one % 7} <urn:k> .\n_:x{one % 7} <urn:p> "{one}" <urn:k> .\n'
                    for one in range(500)).encode(),
)  # fmt: skip
NEWER: Final = Knowledge("second", lambda: b'<urn:a> <urn:p> "2" <urn:l> .\n')
PATIENCE: Final = 60


def record(number: int) -> Kept:
    """A small determination, different for each number, with values that servers like to write in their own way."""
    name = sha256(str(number).encode()).hexdigest()
    graph = f"<urn:kept:{name}>"
    integer, boolean = "http://www.w3.org/2001/XMLSchema#integer", "http://www.w3.org/2001/XMLSchema#boolean"
    lines = [f'<urn:d:{number}> <urn:says> "{one} ≥ \\"x\\"\\n" {graph} .\n' for one in range(300)]
    lines.append(f"_:b <urn:of> <urn:d:{number}> {graph} .\n")
    lines.append(f'_:b <urn:n> "007"^^<{integer}> {graph} .\n_:b <urn:n> "true"^^<{boolean}> {graph} .\n')
    return Kept(name, f'{{"number": {number}}}', "# proof", "".join(lines))


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])


@contextmanager
def running(command: list[str], folder: Path, url: str) -> Iterator[None]:
    """A server that answers at an address, ended in the end."""
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server,
    ):
        try:
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                try:
                    httpx.get(url, timeout=5, trust_env=False)
                    break
                except httpx.TransportError:
                    assert server.poll() is None, (folder / "server.log").read_text(encoding="utf-8")
                    time.sleep(0.05)
            yield
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an Oxigraph server of our own."""
    beside = Path(sys.executable).with_name("oxigraph")
    program = str(beside) if beside.exists() else shutil.which("oxigraph")
    assert program, "the test requirements bring the oxigraph server"
    folder = tmp_path_factory.mktemp("oxigraph")
    address = f"127.0.0.1:{free_port()}"
    command = [program, "serve", "--location", str(folder / "data"), "--bind", address]
    with running(command, folder, f"http://{address}/query?query=ASK%7B%7D"):
        yield f"http://{address}"


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Virtuoso server of our own, open to anyone on this machine."""
    program, console = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if program is None or console is None:
        pytest.skip("Virtuoso is not installed: apt-get install virtuoso-opensource")
    folder = tmp_path_factory.mktemp("virtuoso")
    web, sql = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(
        f"""[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
CheckpointInterval = 60
[HTTPServer]
ServerPort = 127.0.0.1:{web}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000
""",
        encoding="utf-8",
    )
    with running([program, "+foreground", "+configfile", "virtuoso.ini"], folder, f"http://127.0.0.1:{web}/sparql"):
        granted = "grant SPARQL_UPDATE to \"SPARQL\"; DB.DBA.RDF_DEFAULT_USER_PERMS_SET('nobody', 7);"
        command = [console, f"127.0.0.1:{sql}", "dba", "dba", f"exec={granted}"]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        yield f"http://127.0.0.1:{web}"


def emptied(addresses: RemoteAddresses) -> None:
    """Nothing of ours is left on the server."""
    remote = Remote(addresses)
    remote.clear()
    remote.close()


@pytest.fixture(
    params=[
        "oxigraph",
        "oxigraph, updates only",
        pytest.param("virtuoso", marks=pytest.mark.virtuoso),
        pytest.param("virtuoso, updates only", marks=pytest.mark.virtuoso),
    ]
)
def addresses(request: pytest.FixtureRequest) -> Iterator[RemoteAddresses]:
    """Where the server takes what; afterwards nothing of ours is left there."""
    server, *only = request.param.split(", ")
    base = request.getfixturevalue(server)
    if server == "oxigraph":
        found = RemoteAddresses(f"{base}/query", f"{base}/update", "" if only else f"{base}/store", seconds=30)
    else:
        crud = "" if only else f"{base}/sparql-graph-crud"
        found = RemoteAddresses(f"{base}/sparql", f"{base}/sparql", crud, seconds=30)
    yield found
    emptied(found)


@contextmanager
def opened(folder: Path, addresses: RemoteAddresses, knowledge: Knowledge = KNOWLEDGE) -> Iterator[Store]:
    """An open store, closed again whatever happens."""
    store = open_store(folder, knowledge, addresses)
    try:
        yield store
    finally:
        store.close()


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """What comes back for a question, as plain values."""
    found = json.loads(store.ask(query, JSON).body)
    return [tuple(row[name]["value"] for name in found["head"]["vars"]) for row in found["results"]["bindings"]]


def counted(store: Store) -> dict[str, int]:
    """How many statements each of our graphs holds on the server."""
    query = """SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o }
    FILTER(STRSTARTS(STR(?g), "urn:k") || STR(?g) = "urn:l") } GROUP BY ?g"""
    return {name: int(number) for name, number in rows(store, query)}


def held(*numbers: int, statements: int, knowledge: str = "urn:k") -> dict[str, int]:
    """What the server should hold."""
    return {knowledge: statements} | {f"urn:kept:{record(number).name}": 303 for number in numbers}


def test_a_whole_round(addresses: RemoteAddresses, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with opened(folder, addresses) as store:
        assert (store.opened.index, store.remote) == ("made", True)
        assert counted(store) == held(statements=1000)
        for number in range(3):
            store.keep(record(number))
        assert counted(store) == held(0, 1, 2, statements=1000)
        assert store.keep(record(1)).before
        assert store.verify().whole
        joined = f"SELECT ?n {{ GRAPH <urn:kept:{record(1).name}> {{ ?b <urn:of> <urn:d:1> ; <urn:n> ?n }} }}"
        assert len(rows(store, joined)) == 2
    with opened(folder, addresses) as store:
        assert store.opened.index == "as it was"
        assert store.generation == 3
    with opened(folder, addresses, NEWER) as store:
        assert counted(store) == held(0, 1, 2, knowledge="urn:l", statements=1)
        assert store.verify().whole
        assert store.rebuild().kept == 3
        assert counted(store) == held(0, 1, 2, knowledge="urn:l", statements=1)


def test_what_was_lost_there_is_made_again(addresses: RemoteAddresses, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with opened(folder, addresses) as store:
        for number in range(12):
            store.keep(record(number))
        assert store.catch_up()
        whole = counted(store)
    gone = f"DROP SILENT GRAPH <urn:kept:{record(5).name}>"
    changed = f'INSERT DATA {{ GRAPH <urn:kept:{record(6).name}> {{ <urn:forged> <urn:by> "someone" }} }}'
    for harm in (gone, changed):
        headers = {"Content-Type": "application/sparql-update"}
        httpx.post(addresses.update, content=harm, headers=headers, trust_env=False, timeout=30).raise_for_status()
        with opened(folder, addresses) as store:
            assert store.opened.index == "rebuilt"
            assert counted(store) == whole


def test_a_server_behind_is_caught_up(addresses: RemoteAddresses, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with opened(folder, addresses) as store:
        store.keep(record(0))
        assert store.catch_up()
        expected = counted(store)
    nobody = f"http://127.0.0.1:{free_port()}/"
    nowhere = RemoteAddresses(nobody, nobody, nobody, seconds=5)
    with pytest.raises(StoreUnreachable):
        open_store(folder, KNOWLEDGE, nowhere)
    embedded = open_store(folder, KNOWLEDGE)
    try:
        embedded.keep(record(1))
    finally:
        embedded.close()
    with opened(folder, addresses) as store:
        assert store.opened.index == "caught up"
        assert counted(store) == expected | {f"urn:kept:{record(1).name}": 303}


def test_the_index_of_another_folder_is_not_touched(addresses: RemoteAddresses, tmp_path: Path) -> None:
    with opened(tmp_path / "one", addresses) as store:
        store.keep(record(0))
        assert store.catch_up()
        before = counted(store)
    with pytest.raises(StoreForeign):
        open_store(tmp_path / "two", KNOWLEDGE, addresses)
    with opened(tmp_path / "one", addresses) as store:
        assert counted(store) == before
    rebuild_store(tmp_path / "two", NEWER, addresses)
    with opened(tmp_path / "two", addresses, NEWER) as store:
        assert counted(store) == {"urn:l": 1}


def test_a_journal_shortened_along_with_its_files_is_noticed(addresses: RemoteAddresses, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with opened(folder, addresses) as store:
        for number in range(3):
            store.keep(record(number))
        assert store.catch_up()
    lines = (folder / "journal").read_bytes().splitlines(keepends=True)
    (folder / "journal").write_bytes(b"".join(lines[:-1]))
    next((folder / "kept").rglob(f"{record(2).name}*")).unlink()
    with pytest.raises(StoreDamaged) as caught:
        open_store(folder, KNOWLEDGE, addresses)
    assert caught.value.names == (record(2).name,)


def test_a_question_that_cannot_be_read_is_refused(addresses: RemoteAddresses, tmp_path: Path) -> None:
    with opened(tmp_path / "data", addresses) as store:
        with pytest.raises(StoreRefused):
            store.ask("SELECT nothing", JSON)
        with pytest.raises(StoreRefused):
            store.ask("SELECT * { GRAPH <urn:k> { ?s ?p ?o } }", JSON, largest=1000)


Reply = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def pretending(reply: Reply) -> Iterator[str]:
    """The address of a server that answers every request in one way."""

    class Handler(BaseHTTPRequestHandler):
        """Reads the request, then answers."""

        def do_POST(self) -> None:
            """The one way."""
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply(self)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def elsewhere(handler: BaseHTTPRequestHandler) -> None:
    """Points to another address."""
    handler.send_response(307)
    handler.send_header("Location", "http://127.0.0.1:1/")
    handler.end_headers()


def broken(handler: BaseHTTPRequestHandler) -> None:
    """Fails, quoting what was sent."""
    handler.send_response(500)
    handler.end_headers()
    handler.wfile.write(b"secret")


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    """Answers something else."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"[1, 2]")


def slow(handler: BaseHTTPRequestHandler) -> None:
    """Sends a byte now and then, for longer than anyone waits."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(50):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.05)


@pytest.mark.parametrize("reply", [elsewhere, broken, nonsense, slow])
def test_a_server_that_misbehaves_is_named_plainly(reply: Reply, tmp_path: Path) -> None:
    with pretending(reply) as url:
        asked = RemoteAddresses(url, url, url, seconds=0.5)
        with pytest.raises(StoreUnreachable) as caught:
            open_store(tmp_path / "data", KNOWLEDGE, asked)
    assert "secret" not in str(caught.value)
    assert caught.value.mend


def test_what_is_kept_is_safe_while_the_server_is_gone(tmp_path: Path, oxigraph: str) -> None:
    asked = RemoteAddresses(f"{oxigraph}/query", f"{oxigraph}/update", f"{oxigraph}/store", seconds=30)
    with opened(tmp_path / "data", asked) as store:
        gone = RemoteAddresses(f"http://127.0.0.1:{free_port()}/query", asked.update, asked.graphs, seconds=5)
        store._index._addresses = gone  # type: ignore[attr-defined]
        store.keep(record(0))
        with pytest.raises(StoreBehind):
            store.ask("ASK {}", JSON)
        assert store.get(record(0).name) == record(0)
        store._index._addresses = asked  # type: ignore[attr-defined]
        store._rest_until = 0.0
        assert counted(store)[f"urn:kept:{record(0).name}"] == 303
    emptied(asked)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://", "http://u:p@host/", "http://host/?a=b", "ftp://h/"]
)
def test_only_plain_addresses_are_taken(tmp_path: Path, address: str) -> None:
    with pytest.raises(StoreRefused):
        open_store(tmp_path / "data", KNOWLEDGE, RemoteAddresses(address, address))


def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(RemoteAddresses("http://h/q", "http://h/u", user="u", password="geheim"))  # noqa: S106  no real one
