"""Whatever is sent, the server answers, calls nobody, keeps its size and lives; and what comes out is harmless."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

import api.connection
from api.connection import Connection
from api.framing import Framing
from api.problems import Problem
from api.settings import Settings
from tests.doors import Server, serving
from tests.hostile_requests import SCRIPT, Sent, requests
from tests.small_world import turtle
from tests.test_hostile import START

REQUESTS = requests()
BEARABLE = 15.0
"""Seconds in which everything is answered."""
GROWTH = 500_000_000
"""Bytes that the server may grow by, whatever is sent."""
ADDRESS = re.compile(r"https?://|/|#|\?|$")
"""How an address in a page may begin."""
TURNING = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f"
"""Characters that turn the direction of what follows."""


@dataclass(slots=True)
class Elsewhere:
    """An address that nobody may call, and how often it was."""

    listener: socket.socket
    calls: int = 0

    @property
    def address(self) -> bytes:
        """What stands in requests for it."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}".encode()

    def listen(self) -> None:
        """Count who calls, until closed."""
        with suppress(OSError):
            while True:
                self.listener.accept()[0].close()
                self.calls += 1


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    """A listener whose port has five digits."""
    listener = socket.create_server(("127.0.0.1", 0))
    while len(str(listener.getsockname()[1])) != 5:  # pragma: no cover  ports that are given out are high
        listener.close()
        listener = socket.create_server(("127.0.0.1", 0))
    there = Elsewhere(listener)
    thread = threading.Thread(target=there.listen)
    thread.start()
    yield there
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    assert there.calls == 0


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, that gives up on queries and bodies soon."""
    data = tmp_path_factory.mktemp("hostile") / "data"
    with serving(data, "--query-seconds", "1", "--body-seconds", "1") as running:
        yield running


@pytest.fixture(scope="module")
def size(target: Server) -> int:
    """The bytes that the server has in memory before anything was sent."""
    return resident(target)


def resident(server: Server) -> int:
    pages = Path(f"/proc/{server.process.pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


def port(server: Server) -> int:
    return int(server.origin.rsplit(":", 1)[1])


def send(server: Server, sent: Sent) -> Answer:
    with closing(http.client.HTTPConnection("127.0.0.1", port(server), timeout=BEARABLE)) as connection:
        connection.putrequest(sent.method, sent.path, skip_host="Host" in sent.headers, skip_accept_encoding=True)
        for name, value in sent.headers.items():
            connection.putheader(name, value)
        if sent.body or sent.method == "POST":
            connection.putheader("Content-Length", str(len(sent.body)))
        connection.endheaders()
        with suppress(OSError):  # It may have heard enough, and answered.
            connection.send(sent.body)
        found = connection.getresponse()
        return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())


def lives(server: Server) -> None:
    assert server.process.poll() is None
    assert send(server, Sent("GET", "/health/ready")).status == 200


@pytest.mark.parametrize("name", REQUESTS)
def test_it_is_answered_and_nothing_else_happens(name: str, target: Server, elsewhere: Elsewhere, size: int) -> None:
    answer = send(target, REQUESTS[name].towards(elsewhere.address))
    assert answer.status < 500 or (answer.status == 503 and int(answer.headers["retry-after"]) > 0)
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status >= 400 and "content-security-policy" in answer.headers:
        assert kind in {"application/problem+json", "text/html"}
    if kind == "application/problem+json":
        check_problem(json.loads(answer.body), answer.status)
    if kind == "text/html":
        check_page(answer.body.decode())
    lives(target)
    assert elsewhere.calls == 0
    assert resident(target) - size < GROWTH


def check_problem(problem: dict[str, Any], status: int) -> None:
    assert problem["status"] == status
    assert problem["type"].endswith(problem["code"])
    assert re.fullmatch(r"[a-z-]+\.[a-z-]+", problem["code"])
    assert problem["title"]
    assert problem["what"] in problem["detail"]


class Page(HTMLParser):
    """What a browser would make of a page: addresses, handlers, scripts, and the text outside of fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        found = dict(attrs)
        self._inside = tag
        if tag == "script" and not (found.get("src") or "").startswith("/static/"):
            self.bad.append("script")
        self.bad += [name for name in found if name.startswith("on") or name in {"style", "srcdoc"}]
        for name in ("href", "src", "action", "formaction"):
            if name in found and not ADDRESS.match(found[name] or ""):
                self.bad.append(f"{name}={found[name]}")

    def handle_data(self, data: str) -> None:
        """Remember what is read."""
        if self._inside == "script":
            self.bad.append("inline script")
        if self._inside != "textarea":  # In a field the text stands as it was sent.
            self.text += data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  as its parent calls it
        """Look at what comes next as outside."""
        self._inside = ""


def check_page(page: str) -> None:
    found = Page(page)
    assert not found.bad
    assert not set(TURNING) & set(found.text)


def test_there_is_enough_of_it() -> None:
    assert len(REQUESTS) > 1_000


LABELS = {
    "script": SCRIPT,
    "template": "{{7*7}} {% raw %} ${7*7} #{7*7} <%= 7*7 %>",
    "turned": "a \u202e b \u2066 c \u200f",
    "markdown": "[x](javascript:alert(1)) ![y](http://z/) <b>",
    "formula": "=1+1|cmd",
}
FORMS = ("text/html", "text/markdown", "text/plain", "application/json", "text/turtle", "application/ld+json")


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS.keys())
def test_what_a_label_says_is_told_and_not_done(label: str, target: Server) -> None:
    said = json.dumps(label, ensure_ascii=False)
    case = turtle(
        START
        + f"<> case:label {said} ; case:hasDocument :d ; case:records :r . :d a case:MriReport ; case:label {said} ."
        f":r a spine:BackPain ; case:label {said} ; case:statedIn :d . :op case:label {said} ."
    )
    sent = [Sent("POST", "/v1/determinations?keep=true", {"Content-Type": "text/turtle", "Accept": FORMS[0]}, case)]
    name = send(target, sent[0]).headers["determination-id"]
    sent += [
        Sent("POST", f"/v1/determinations?audience={audience}", {"Content-Type": "text/turtle", "Accept": form}, case)
        for form, audience in [*((form, "reviewer") for form in FORMS), (FORMS[1], "patient"), (FORMS[2], "clinician")]
    ]
    sent += [Sent("GET", f"/v1/determinations/{name}", {"Accept": form}) for form in (*FORMS[:5], "application/trig")]
    sent += [Sent("GET", f"/v1/determinations/{name}/explanation", {"Accept": form}) for form in FORMS[1:3]]
    for one in sent:
        answer = send(target, one)
        assert answer.status in {200, 201}, one.path
        text, form = answer.body.decode(), one.headers["Accept"]
        if form == "text/html":
            check_page(text)
            assert "{{7*7}}" in text or "{{7*7}}" not in label
        if form in {"text/markdown", "text/plain"}:
            assert not set(TURNING) & set(text)
        if form == "text/markdown":
            assert not re.search(r"(?<!\\)\]\(javascript:|(?<!\\)<", text)
        if form == "application/json":
            json.loads(text)


_POST = b"POST /v1/validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/turtle\r\n"
RAW: dict[str, tuple[bytes, set[int]]] = {
    "length in two ways": (_POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "two lengths": (_POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", {400}),
    "negative length": (_POST + b"Content-Length: -5\r\n\r\n", {400}),
    "length with a sign": (_POST + b"Content-Length: +5\r\n\r\nabcde", {400}),
    "length in sixteens": (_POST + b"Content-Length: 0x5\r\n\r\nabcde", {400}),
    "length of many digits": (_POST + b"Content-Length: " + b"9" * 4_000 + b"\r\n\r\n", {400}),
    "length beyond all": (_POST + b"Content-Length: 99999999999\r\n\r\n", {413}),
    "unknown coding": (_POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "chunked twice": (_POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "coding after a space": (_POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", {400}),
    "coding after a tab": (_POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "chunk of no number": (_POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", {400}),
    "chunk of any size": (_POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 40 + b"\r\n", {400}),
    "chunk that says much": (_POST + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * 60_000, {400, 408}),
    "chunks beyond the limit": (
        _POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"40000\r\n" + b"x" * 0x40000 + b"\r\n") * 9 + b"0\r\n\r\n",
        {413},
    ),
    "chunks without end": (_POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", {408}),
    "body that stops": (_POST + b"Content-Length: 500\r\n\r\nabc", {408}),
    "compressed behind an honest word": (
        _POST + b"Content-Encoding: gzip\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\na",
        {415},
    ),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", {400}),
    "no host in an old version": (b"GET / HTTP/1.0\r\n\r\n", {421}),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", {400}),
    "null in a header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n", {400}),
    "header without a colon": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n", {400}),
    "header of 40 KB": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", {400}),
    "endless address": (b"GET /" + b"x" * 60_000, {400}),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), {400}),
    "another version": (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", {400}),
    "second version": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 421}),
    "spaces": (b"GET  /  HTTP/1.1\r\nHost: localhost\r\n\r\n", {400, 404}),
    "tunnel": (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", {400, 404, 405}),
    "address of another": (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", {404, 405}),
    "bytes beyond ASCII": (b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", {400, 404}),
}


def say(server: Server, data: bytes) -> bytes:
    """All that comes back until the server hangs up, or has said nothing more for a while."""
    with socket.create_connection(("127.0.0.1", port(server)), timeout=5) as channel:
        with suppress(OSError):
            channel.sendall(data)
        found = b""
        with suppress(OSError):
            while part := channel.recv(65_536):
                found += part
                if b" 200 " in found[:20] or b" 404 " in found[:20]:
                    channel.settimeout(0.3)
        return found


@pytest.mark.parametrize("name", RAW)
def test_what_is_framed_strangely_is_refused(name: str, target: Server) -> None:
    data, statuses = RAW[name]
    answer = say(target, data)
    assert answer.startswith(b"HTTP/1.1 ")
    assert int(answer[9:12]) in statuses
    lives(target)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost", "Host": "localhost"}, 200),
        ({"Origin": "null"}, 200),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "localhost:<script>"}, 421),
        ({"Host": "127.0.0.1:80@evil.example"}, 421),
    ],
)
def test_another_site_or_name_is_refused(headers: dict[str, str], status: int, target: Server) -> None:
    sent = Sent("POST", "/v1/validate", {"Content-Type": "text/turtle", **headers}, turtle(START))
    assert send(target, sent).status == status


def test_bodies_that_are_too_much_together_are_refused_until_there_is_room() -> None:
    """Four of the largest are held at once, until they are answered."""
    settings = Settings(batch_body=1_024)
    told: list[int] = []

    async def whole() -> None:
        free = asyncio.Event()

        async def app(_scope: Any, _receive: Any, send: Any) -> None:
            await free.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        async def receive() -> Any:
            return {"type": "http.request", "body": b"x" * 1_000, "more_body": False}

        async def answer(message: Any) -> None:
            if "status" in message:
                told.append(message["status"])

        def refused(_: Request, problem: Problem) -> Response:
            return Response(problem.to_bytes(), problem.status)

        framing = Framing(app, settings, lambda *_: None, told=refused)

        async def ask() -> None:
            await framing({"type": "http", "method": "POST", "path": "/v1/recheck", "headers": []}, receive, answer)

        held = [asyncio.create_task(ask()) for _ in range(4)]
        await asyncio.sleep(0)
        await ask()
        assert told == [503]
        free.set()
        await asyncio.gather(*held)
        await ask()

    asyncio.run(whole())
    assert told == [503, 200, 200, 200, 200, 200]


def test_no_request_is_smuggled_in_the_body_of_another(target: Server) -> None:
    inner = b"GET /v1/criteria HTTP/1.1\r\nHost: localhost\r\n\r\n"
    chunked = _POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner
    assert say(target, chunked).count(b"HTTP/1.1 ") == 1
    bare = _POST + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner
    assert say(target, bare).count(b"HTTP/1.1 ") == 1


def test_requests_in_a_row_are_answered_in_a_row(target: Server) -> None:
    one = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert say(target, one * 20).count(b"HTTP/1.1 200") == 20


def test_many_that_say_nothing_keep_nobody_waiting(target: Server) -> None:
    silent = [socket.create_connection(("127.0.0.1", port(target))) for _ in range(100)]
    try:
        for number, channel in enumerate(silent):
            channel.sendall(b"GET / HTTP/1.1\r\nHost: loc" if number % 2 else b"G")
        lives(target)
    finally:
        for channel in silent:
            channel.close()


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: loc"])
def test_a_head_that_does_not_come_is_not_waited_for(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.connection, "LOOK", 0.1)
    assert talk(said) == b""


def test_an_answer_that_nobody_takes_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.connection, "LOOK", 0.1)
    assert len(talk(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n", takes=False)) < LARGE


def test_an_answer_that_is_taken_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.connection, "LOOK", 0.1)
    assert len(talk(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")) > LARGE


@pytest.mark.parametrize(("most", "expected"), [(0, b"HTTP/1.1 503"), (1, b"HTTP/1.1 200")])
def test_connections_beyond_the_most_are_told_so(most: int, expected: bytes) -> None:
    answer = talk(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", most=most)
    assert answer.startswith(expected)
    if most == 0:
        assert b"retry-after: 5" in answer
        check_problem(json.loads(answer.partition(b"\r\n\r\n")[2].partition(b"\r\n")[2].rpartition(b"\r\n0")[0]), 503)


LARGE = 30_000_000


async def _large(scope: Any, _receive: Any, send: Any) -> None:
    body = b"x" * (LARGE if scope["path"] == "/large" else 10)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def _until(happened: Callable[[], bool]) -> None:
    while not happened():  # noqa: ASYNC110  uvicorn tells nobody
        await asyncio.sleep(0.01)


def talk(said: bytes, *, takes: bool = True, most: int = 100) -> bytes:
    """What a connection of ours gives until it is closed; without `takes`, what is left to take when it is."""

    async def whole() -> bytes:
        config = uvicorn.Config(_large, http=Connection, ws="none", lifespan="off", log_config=None, port=0)
        config.limit_concurrency = most
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            serving = asyncio.create_task(server.serve([listening]))
            await _until(lambda: server.started)
            reader, writer = await asyncio.open_connection(*listening.getsockname(), limit=1_000)
            writer.write(said)
            if not takes:
                await _until(lambda: server.server_state.total_requests > 0)
                await _until(lambda: not server.server_state.connections)
            found = bytearray()
            with suppress(ConnectionError):
                while part := await asyncio.wait_for(reader.read(1_000_000), 30):
                    found += part
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            server.should_exit = True
            await serving
        return bytes(found)

    return asyncio.run(whole())
