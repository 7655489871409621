"""What every request passes first, and every answer last: strict framing, a body that arrives in time and in bounds."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import Response

from api.problems import Problem, Refusal, problem_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.settings import Settings

Noted = Callable[["Scope", int, float, int, int], None]
Guard = Callable[[Request], None]
Told = Callable[[Request, Problem], Response]

POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
"""What a page of ours may load: what we serve ourselves, and nothing inline."""

_HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
_OF_PAGES: Final = "/workbench/"
_ESCAPED: Final = 3
_LARGE: Final = frozenset(["/v1/determinations/batch", "/v1/recheck"])
_VERSIONS: Final = frozenset(["1.0", "1.1"])
_HEAD: Final = 32 * 1024
_AT_ONCE: Final = 4
"""So many of the largest bodies are held at once."""
_SMALL_AT_ONCE: Final = 128
"""So many of the largest of the others are."""


class Framing:
    """The outermost layer: refuses what is framed ambiguously, too large or too slow, and maps every error once.

    Each guard may refuse a request before its body is read; a refusal is told as `told` says. HEAD is answered as GET
    would be, without the body.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, noted: Noted, *, guards: Sequence[Guard] = (), told: Told
    ) -> None:
        self._app = app
        self._settings = settings
        self._noted = noted
        self._guards = guards
        self._told = told
        self._held = {True: 0, False: 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        number = secrets.token_hex(8)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = number
        status, sent, came, has_begun = 500, 0, 0, False
        held = _Held(self._held, scope["path"] in _LARGE, self._most_held(scope))
        is_head = scope["method"] == "HEAD"

        async def told(message: Message) -> None:
            nonlocal status, sent, has_begun
            if message["type"] == "http.response.start":
                status, has_begun = message["status"], True
                message = {**message, "headers": _with_ours(message.get("headers", []), number)}
            elif is_head:
                message = {**message, "body": b""}
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            for guard in self._guards:
                guard(Request(scope))
            body = await self._body(scope, receive, held)
            came = len(body)
            inner = {**scope, "method": "GET"} if is_head else scope
            await self._app(inner, _given(body, receive), told)
            scope["route"] = inner.get("route")
        except Exception as error:
            if has_begun:
                state["failed"] = type(error).__name__
                raise
            problem = problem_of(error)
            if problem.code == "server.failed":
                state["failed"] = type(error).__name__
            state["code"] = problem.code
            answer = self._told(Request(scope), problem)
            if not isinstance(error, Refusal) or came == 0:
                answer.headers["Connection"] = "close"  # What is left of the body is not waited for.
            await answer(scope, receive, told)
        finally:
            held.release()
            self._noted(scope, status, time.perf_counter() - begun, came, sent)

    def _most_held(self, scope: Scope) -> int:
        if scope["path"] in _LARGE:
            return _AT_ONCE * self._settings.batch_body
        return _SMALL_AT_ONCE * self._settings.body

    async def _body(self, scope: Scope, receive: Receive, held: _Held) -> bytes:
        if scope.get("http_version", "1.1") not in _VERSIONS:
            raise Refusal("request.framing", "This version of HTTP is not spoken.", mend="Speak HTTP/1.1.")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _HEAD:
            raise Refusal("request.framing", f"The headers are larger than {_HEAD:,} bytes.")
        headers = _headers(scope)
        if "transfer-encoding" in headers and "content-length" in headers:
            raise Refusal("request.framing", "The request says its length in two ways.", mend="Send one of them.")
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Refusal(
                "request.content-encoding", "Compressed content is not read.", mend="Send it without Content-Encoding."
            )
        limit = self._settings.batch_body if scope["path"] in _LARGE else self._settings.body
        if scope["path"].startswith(_OF_PAGES):
            limit *= _ESCAPED  # A form writes three bytes for each that is no letter.
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 18:  # noqa: PLR2004  longer than any length there can be
            raise Refusal("request.framing", "The length of the request is no number.")
        if int(declared) > limit:
            raise _too_large(limit)
        found = bytearray()
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refusal("request.framing", "The request ended before its body did.")
                    part = message.get("body", b"")
                    found += part
                    if len(found) > limit:
                        raise _too_large(limit)
                    held.take(len(part))
                    if not message.get("more_body", False):
                        return bytes(found)
        except TimeoutError:
            raise Refusal("request.slow", "The body did not arrive in time.", mend="Send it at once.") from None


class _Held:
    """The bytes of one request, of all that requests of its kind may hold together: what all may send, few send at once."""

    __slots__ = ("_all", "_is_large", "_most", "_taken")

    def __init__(self, every: dict[bool, int], is_large: bool, most: int) -> None:  # noqa: FBT001  a key
        self._all, self._is_large, self._most, self._taken = every, is_large, most, 0

    def take(self, count: int) -> None:
        if self._all[self._is_large] + count > self._most:
            raise Refusal(
                "server.busy", "Too much is being sent at once.", mend="Send it again in a moment.", retry_after=5
            )
        self._all[self._is_large] += count
        self._taken += count

    def release(self) -> None:
        self._all[self._is_large] -= self._taken
        self._taken = 0


def _too_large(limit: int) -> Refusal:
    return Refusal("request.too-large", f"The body is larger than {limit:,} bytes.", mend="Send less in one request.")


def _headers(scope: Scope) -> Mapping[str, str]:
    """The headers; one that came several times with all its values, so that none hides behind another."""
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, told = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {told}" if name in found else told
    return found


def _given(body: bytes, receive: Receive) -> Receive:
    """The body in one message, then whatever else comes: that the caller went away."""
    is_told = False

    async def given() -> Message:
        nonlocal is_told
        if is_told:
            return await receive()
        is_told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return given


def _with_ours(headers: list[tuple[bytes, bytes]], number: str) -> list[tuple[bytes, bytes]]:
    present = {name.lower() for name, _ in headers}
    ours = [*_HEADERS, (b"x-request-id", number.encode()), (b"cache-control", b"no-store")]
    return [*headers, *(one for one in ours if one[0] not in present)]
