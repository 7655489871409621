"""Visits to the workbench in a browser: cases to send, and the steps that every way through it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from tests.browser import Watched, watched
from tests.doors import Server, example

HOSTILE: Final = "<script>told=1</script><img src=x onerror=told=1>\"'>\u202egnp\u2066"
UNSAYABLE: Final = "\u202e\u2066"
SHORT: Final = example("minimal.jsonld").decode()
DETERMINE: Final = "Determine"


def open_case(**more: Any) -> str:
    """The short example without its emergency, so that much is left to ask."""
    case = json.loads(SHORT)
    del case["hasRequest"]["hasUrgency"]
    case["records"] = case["records"][:2]
    return json.dumps({**case, "label": "Disc at L4-L5", **more}, indent=1, ensure_ascii=False)


def hostile_case() -> str:
    """A case that can be read, and would be markup wherever its words are free."""
    document = {"id": "#mri", "type": "LumbarMriReport", "writtenOn": "2026-03-01", "label": HOSTILE}
    return open_case(label=HOSTILE, hasDocument=document)


@contextmanager
def visiting(browser: Browser, server: Server, **options: Any) -> Iterator[Watched]:
    """A fresh page that watches itself; that a page was refused is no complaint, and no dialog ever opens."""
    with watched(browser, server.origin, **options) as one:
        one.page.on("dialog", lambda dialog: one.elsewhere.append(f"dialog: {dialog.message}"))
        yield one
        one.complaints[:] = [said for said in one.complaints if "responded with a status of 4" not in said]


def press(page: Page, name: str) -> None:
    """Press a button, and wait until what follows has come."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state("networkidle")


def send(page: Page, text: str, button: str = DETERMINE) -> None:
    """Put a case into the box, and send it."""
    page.fill("#case", text)
    press(page, button)


def do_more(page: Page) -> None:
    """Open what can be done with a determination."""
    page.locator(".doings > summary").click()


def run(page: Page) -> None:
    """Run what stands in the editor, and wait for its rows."""
    page.locator(".yasqe_queryButton").first.click()
    expect(page.locator(".yasr_results tbody tr").first).to_be_visible()


def keep(page: Page) -> None:
    """Determine the short example, keep what came out, and open it by its link."""
    send(page, SHORT)
    do_more(page)
    press(page, "Keep this determination")
    page.locator("a[href^='/v1/determinations/']").click()
    page.wait_for_load_state("networkidle")
