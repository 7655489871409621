"""Framing: what is ambiguous, too large or too slow is refused before anything reads it; every answer is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response

from api.framing import Framing, Guard
from api.problems import MEDIA_TYPE, Problem, Refusal
from api.settings import Settings

SETTINGS = Settings(body=2_000, batch_body=4_000, body_seconds=0.2)
Told = list[dict[str, Any]]


def as_json(_request: Request, problem: Problem) -> Response:
    return Response(problem.to_bytes(), problem.status, media_type=MEDIA_TYPE)


class Seen:
    """What the application behind the layer saw, and what the layer noted."""

    def __init__(self) -> None:
        self.body: bytes | None = None
        self.notes: list[tuple[int, int, int]] = []

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or fail where the path says so."""
        self.body = (await receive())["body"]
        if scope["path"] == "/fails":
            raise ZeroDivisionError("Mrs Miller, born 1950")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"answer"})

    def noted(self, _scope: Any, status: int, _seconds: float, came: int, sent: int) -> None:
        """Remember what the layer notes."""
        self.notes.append((status, came, sent))


def ask(
    chunks: Iterable[bytes],
    headers: dict[str, str],
    path: str = "/",
    *,
    ends: bool = True,
    method: str = "POST",
    guards: Sequence[Guard] = (),
) -> tuple[Seen, int, dict[str, str], bytes]:
    seen, told = Seen(), Told()
    waiting: list[dict[str, Any]] = [{"type": "http.request", "body": one, "more_body": True} for one in chunks]
    if ends:
        waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(30)
        raise AssertionError

    async def send(message: Any) -> None:
        told.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "state": {}}
    asyncio.run(Framing(seen.app, SETTINGS, seen.noted, guards=guards, told=as_json)(scope, receive, send))
    start, *bodies = told
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return seen, start["status"], found, b"".join(one["body"] for one in bodies)


def test_a_body_reaches_the_application_whole_and_the_answer_is_closed() -> None:
    seen, status, headers, body = ask([b"ab", b"cd"], {"content-length": "4"})
    assert (seen.body, status, body) == (b"abcd", 200, b"answer")
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert seen.notes == [(200, 4, 6)]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content-length": "4", "transfer-encoding": "chunked"}, 400, "request.framing"),
        ({"content-length": "+4"}, 400, "request.framing"),
        ({"content-length": "9" * 30}, 400, "request.framing"),
        ({"content-length": "2001"}, 413, "request.too-large"),
        ({"content-encoding": "gzip"}, 415, "request.content-encoding"),
        ({"content-encoding": "identity, gzip"}, 415, "request.content-encoding"),
    ],
)
def test_what_is_framed_wrongly_never_reaches_the_application(headers: dict[str, str], status: int, code: str) -> None:
    seen, found, told, body = ask([b"abcd"], headers)
    assert seen.body is None
    assert (found, orjson.loads(body)["code"]) == (status, code)
    assert told["content-type"] == "application/problem+json"
    assert told["connection"] == "close"


def test_a_body_is_counted_as_it_arrives() -> None:
    seen, status, _, body = ask([b"x" * 1_000] * 3, {}, ends=False)
    assert (seen.body, status) == (None, 413)
    assert "2,000" in orjson.loads(body)["detail"]


def test_a_batch_may_be_larger() -> None:
    assert ask([b"x" * 3_000], {}, "/v1/determinations/batch")[1] == 200


def test_a_body_that_trickles_is_not_waited_for() -> None:
    seen, status, _, body = ask([b"x"], {}, ends=False)
    assert (seen.body, status, orjson.loads(body)["code"]) == (None, 408, "request.slow")


def test_what_nobody_foresaw_is_told_without_a_word_of_what_was_sent() -> None:
    seen, status, _, body = ask([b"x"], {}, "/fails")
    assert status == 500
    assert b"Miller" not in body
    assert orjson.loads(body)["code"] == "server.failed"
    assert seen.notes[0][0] == 500


def test_head_is_answered_as_get_would_be_without_the_body() -> None:
    seen, status, headers, body = ask([b""], {}, method="HEAD")
    assert (seen.body, status, body) == (b"", 200, b"")
    assert headers["content-type"] == "text/plain"


def test_a_guard_refuses_before_the_body_is_read() -> None:
    def guard(_: Request) -> None:
        raise Refusal("access.key", "This server asks for a key.")

    seen, status, headers, _ = ask([b"x"], {}, ends=False, guards=[guard])
    assert (seen.body, status, headers["connection"]) == (None, 401, "close")
