"""A real browser for tests: Chromium, held to one origin, with the accessibility rules of axe at hand.

The fixture `browser` is there for every module (conftest.py names it); the rest is imported from here.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from api.front_end.fetch import fetch, unpack

DESK: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
_RUN: Final = "async (rules) => (await axe.run(document, {runOnly: {type: 'tag', values: rules}})).violations"
_SIDEWAYS: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(slots=True)
class Watched:
    """A page, and what it did that it should not: asked elsewhere, broke its own rules, failed."""

    page: Page
    origin: str
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Goes to a path of the server, and waits until nothing is loading."""
        self.page.goto(self.origin + path, wait_until="networkidle")
        return self.page

    def settle(self) -> None:
        """Fails if the page asked anyone but its server, or wrote an error or a breach of policy to the console."""
        assert not self.elsewhere, f"asked elsewhere: {self.elsewhere}"
        assert not self.complaints, "\n".join(self.complaints)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, once for the tests of a module; a machine without it fails, it never skips.

    While it runs, the thread has a running loop, so that no test beside it may call `asyncio.run`: hence not longer.
    """
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(_ARGUMENTS))
        yield started
        started.close()


def chromium() -> str:
    """Where Chromium is: what SPINE_CHROMIUM names, or the first on the path."""
    named = os.environ.get("SPINE_CHROMIUM")
    found = named or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if not found:
        pytest.fail("There is no Chromium: install Debian's package `chromium`, or name one in SPINE_CHROMIUM.")
    return found


@contextmanager
def watched(browser: Browser, origin: str, *, size: dict[str, int] = DESK, **options: Any) -> Iterator[Watched]:
    """A fresh page that watches itself; at the end `settle` has been called."""
    context = browser.new_context(viewport=size, **options)  # type: ignore[arg-type]  # Playwright's own typed dictionary
    page = context.new_page()
    one = Watched(page, origin)
    page.on("request", lambda request: _note_request(one, request))
    page.on("console", lambda message: _note_message(one, message))
    page.on("pageerror", lambda error: one.complaints.append(f"error: {error}"))
    try:
        yield one
        one.settle()
    finally:
        context.close()


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application on a free port of this machine, in a thread of its own; yields its origin."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)  # Whoever connects before the server has started waits, so nobody need ask whether it has.
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def axe(page: Page) -> list[str]:
    """What breaks the rules of WCAG 2.1 AA and good practice, each with the elements concerned; empty if all is well."""
    # Evaluated by the browser's debugger, so that the page's own policy need not be loosened for it.
    page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate(_RUN, _RULES)
    return [
        f"{one['id']}: {one['help']}: {'; '.join(node['html'][:160] for node in one['nodes'][:4])}" for one in found
    ]


def overhang(page: Page) -> int:
    """By how many pixels a page is wider than the window; none, if all that is wide scrolls in its own box."""
    found: int = page.evaluate(_SIDEWAYS)
    return found


@lru_cache(maxsize=1)
def _axe() -> str:
    with TemporaryDirectory() as place:
        unpack(fetch("axe-core", Path(place)), {"axe.min.js": "axe.min.js"}, Path(place))
        return (Path(place) / "axe.min.js").read_text(encoding="utf-8")


def _note_request(one: Watched, request: Request) -> None:
    address = urlsplit(request.url)
    if address.scheme not in {"data", "blob", "about"} and f"{address.scheme}://{address.netloc}" != one.origin:
        one.elsewhere.append(request.url)


def _note_message(one: Watched, message: ConsoleMessage) -> None:
    if message.type == "error" or "Content Security Policy" in message.text:
        one.complaints.append(f"console: {message.text}")
