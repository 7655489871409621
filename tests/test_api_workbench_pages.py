"""Every page of the workbench over a whole server, in a real browser: for everybody, and held to its own origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import DESK, PHONE, axe, overhang
from tests.doors import Server
from tests.visits import SHORT, keep, open_case, press, run, send, visiting

Act = Callable[[Page], None]


def _compared(page: Page) -> None:
    page.select_option("#seed", "degenerative-t12-s2")
    page.check("#tick-aetna-cpb-0743")
    press(page, "Compare")
    expect(page.locator("table.compared")).to_be_visible()


def _asked(page: Page) -> None:
    page.locator("[data-worked=thresholds]").click()
    run(page)


def _first(kind: str) -> Act:
    def follow(page: Page) -> None:
        page.locator(".stack .card h2 a").nth(2).click()
        page.wait_for_load_state("networkidle")
        assert "/id/" in page.url, kind

    return follow


def _nothing(_: Page) -> None:
    """The page as it comes."""


PAGES: Final[dict[str, tuple[str, Act, str]]] = {
    "home": ("/", _nothing, "Determine a case"),
    "form": ("/form", lambda page: expect(page.locator("[data-form] fieldset").first).to_be_visible(), "Fill in"),
    "compare": ("/compare", _nothing, "Compare policies"),
    "compared": ("/compare", _compared, "The request"),
    "seed": ("/seeds/degenerative-t12-s2", _nothing, "not medically necessary as requested"),
    "determination": ("/", lambda page: send(page, SHORT), "medically necessary"),
    "refused": ("/", lambda page: send(page, SHORT.replace("DiscExtrusion", "DiscExtrusian")), "Did you mean"),
    "remarks": ("/", lambda page: send(page, open_case(), "Check only"), "The case can be read"),
    "guidelines": ("/guidelines", _nothing, "Appraisal of all claims"),
    "search": ("/guidelines?q=translation", _nothing, "found for"),
    "guideline": ("/guidelines/procedure-coding", _nothing, "On this page"),
    "terms": ("/terms", _nothing, "Terms for what a note says"),
    "term": ("/terms?q=slipped+vertebra", _nothing, "Spondylolisthesis"),
    "criterion": ("/v1/criteria", _first("criterion"), "What is said of it"),
    "claim": ("/v1/claims", _first("claim"), "What is said of it"),
    "reference": ("/v1/references", _first("reference"), "What is said of it"),
    "policy": ("/v1/policies", _first("policy"), "What is said of it"),
    "class": ("/id/spine/Spondylolisthesis", _nothing, "A lasting shift of one vertebra"),
    "criteria": ("/v1/criteria", _nothing, "1 to 50 of"),
    "sparql": ("/sparql", _nothing, "Worked questions"),
    "asked": ("/sparql", _asked, "results in"),
    "docs": ("/docs", lambda page: expect(page.locator(".opblock").first).to_be_visible(), "/v1/determinations"),
    "kept": ("/", keep, "Kept under"),
    "nowhere": ("/nowhere", _nothing, "There is nothing at this address"),
    "enter": ("/enter", _nothing, "This server asks for a key"),
}


VARIANTS: Final = ((DESK, "light"), (DESK, "dark"), (PHONE, "dark"), (PHONE, "light"))
LONG: Final = frozenset(["seed", "kept", "asked", "criteria", "guideline", "docs"])
"""Pages so long that looking over them takes seconds: they are looked at by day at a desk, and by night on a phone."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody(browser: Browser, server: Server, name: str) -> None:
    """At a desk and on a phone, by day and by night, no rule of access is broken and nothing is wider than the window."""
    path, act, told = PAGES[name]
    with visiting(browser, server, size=DESK, reduced_motion="reduce") as one:
        page = one.open(path)
        act(page)
        assert told in page.inner_text("main")
        for size, scheme in VARIANTS[::2] if name in LONG else VARIANTS:
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of Playwright's own words
            assert overhang(page) == 0, (size, scheme)
            assert axe(page) == [], (size, scheme)
