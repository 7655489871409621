"""The page that compares policies says of each what it says alone, and why it differs; no text of a case becomes markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from api.pages import STATIC
from api.pages.compare import Wanted, compare_page, compared_page, mark_of
from api.pages.offers import policies_of, seed_text, seeds_of
from api.problems import problem_of
from reasoner import PolicyUnfit, read_case
from reasoner.comparison import comparison_of
from reasoner.determination import Outcome
from tests.browser import DESK, PHONE, axe, overhang, watched
from tests.examples import library
from tests.test_api_home import HOSTILE, ORIGIN, POLICY, TYPES, is_safe

Json = dict[str, Any]

RECORD: Final = Path(__file__).parent / "records" / "dro-492592.ttl"
POLICIES: Final = ("default", "aetna-cpb-0743", "companion-cam-161", "cms-lcd-l33382", "nice-ng59", "mcg")


def text_of() -> str:
    """A record on which policies part."""
    return RECORD.read_text(encoding="utf-8")


def data_of(text: str, policies: tuple[str, ...] = POLICIES) -> Json:
    """The comparison of a case."""
    return comparison_of(library(), read_case(text.encode(), schema=library().schema), policies)


def page_of(text: str, policies: tuple[str, ...] = POLICIES) -> str:
    """The page of a comparison."""
    return compared_page(
        library(), data_of(text, policies), seeds=seeds_of(library()), wanted=Wanted(text, policies=policies)
    )


def test_every_policy_and_every_seed_can_be_chosen() -> None:
    page = compare_page(library(), seeds=seeds_of(library()))
    for group in policies_of(library()):
        for one in group.offers:
            assert f'name="policy" value="{one.name}"' in page
    for seed in seeds_of(library()):
        assert f'<option value="{seed.name}">' in page
    assert is_safe(page)


def test_every_outcome_has_a_mark_a_word_and_a_tone_of_its_own() -> None:
    marks = [mark_of({"outcome": one.value, "grounds": None}) for one in Outcome]
    marks.append(mark_of({"outcome": "not-necessary", "grounds": "not documented"}))
    assert len({one.symbol for one in marks}) == len(marks)
    assert len({one.word for one in marks}) == len(marks)
    assert all(one.tone for one in marks)


def test_each_policy_is_told_with_its_edition_and_each_difference_with_its_claim() -> None:
    data, page = data_of(text_of()), page_of(text_of())
    for column in data["columns"]:
        assert column["policy"]["label"] in page
        for row in column["differs"]:
            for reason in (*row["because"], *row["moved"]):
                assert f">{reason['label']}</a>" in page
    for claim in data["claims"].values():
        assert claim["label"].replace('"', "&#34;").replace("'", "&#39;") in page
        for reference in claim["references"]:
            assert reference["title"].replace("'", "&#39;").replace("&", "&amp;").split("&")[0] in page
    assert "MCG care guidelines cannot be checked" in page
    assert is_safe(page)


def test_where_nothing_differs_the_page_says_so() -> None:
    text = seed_text(library(), "l2-burst-metastasis") or ""
    page = page_of(text, ("default", "nice-ng234"))
    assert "every item comes out alike" in page
    assert "What makes them differ" not in page


def test_where_no_policy_can_be_used_the_page_says_so() -> None:
    page = page_of(text_of(), ("mcg", "interqual"))
    assert "None of these policies can be used" in page


def test_a_refusal_keeps_what_was_chosen() -> None:
    problem = problem_of(PolicyUnfit("comparison.count", "1 different policy is named.", mend="Name 2 to 6."))
    wanted = Wanted("the case", "", ("nice-ng59",), "2026-01-01")
    page = compare_page(library(), seeds=seeds_of(library()), problem=problem.to_json(), wanted=wanted)
    assert "Name 2 to 6." in page
    assert 'value="nice-ng59" checked' in page
    assert "the case</textarea>" in page
    assert 'value="2026-01-01"' in page


def test_no_text_of_a_case_or_of_a_request_becomes_markup() -> None:
    escaped = HOSTILE.replace('"', '\\"')
    text = (seed_text(library(), "t12-destructive-mass") or "").replace(
        "Destructive mass at T12, T10-L2 fusion", escaped
    )
    page = page_of(text, ("default", HOSTILE))
    assert is_safe(page)
    assert "U+202E" in page


def served(page: Page) -> None:
    """Answer every address as the server would."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_text(encoding="utf-8"), content_type=TYPES[file.suffix])
            return
        is_asked = path == "/compare"
        body = compare_page(library(), seeds=seeds_of(library())) if is_asked else page_of(text_of())
        headers = {"Content-Security-Policy": POLICY}
        route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=headers)

    page.route(f"{ORIGIN}/**", answer)


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_both_pages_are_for_everybody(browser: Browser, size: dict[str, int], scheme: str) -> None:
    with watched(browser, ORIGIN, size=size, color_scheme=scheme) as one:
        served(one.page)
        page = one.open("/compare")
        assert axe(page) == []
        assert overhang(page) == 0
        page.fill("#case", text_of())
        page.check("#tick-nice-ng59")
        page.click("button.primary")
        page.wait_for_selector("table.compared")
        assert axe(page) == []
        assert overhang(page) == 0


def test_no_more_can_be_ticked_than_can_be_read_side_by_side(browser: Browser) -> None:
    with watched(browser, ORIGIN) as one:
        served(one.page)
        page = one.open("/compare")
        page.click("button.primary")
        assert "/compare" in page.url
        for name in POLICIES[1:]:
            page.check(f"#tick-{name}")
        assert page.is_disabled("#tick-nice-ng234")
        page.uncheck("#tick-mcg")
        assert page.is_enabled("#tick-nice-ng234")


def test_a_published_case_takes_the_place_of_the_box(browser: Browser) -> None:
    with watched(browser, ORIGIN) as one:
        served(one.page)
        page = one.open("/compare")
        page.select_option("#seed", "t12-destructive-mass")
        assert not page.is_visible("#case")
        page.check("#tick-nice-ng234")
        page.click("button.primary")
        page.wait_for_selector("table.compared")
