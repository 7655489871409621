"""The ways that people take through the workbench, in a real browser over a whole server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.warmth import warm, warming
from reasoner.library import Library
from reasoner.questions import worked
from tests.browser import axe
from tests.doors import Server, serving
from tests.paper import letters_of
from tests.visits import (
    DETERMINE,
    HOSTILE,
    SHORT,
    UNSAYABLE,
    do_more,
    hostile_case,
    keep,
    open_case,
    press,
    run,
    send,
    visiting,
)

# By keyboard alone.


def tab_to(page: Page, selector: str, text: str = "", most: int = 400) -> None:
    """Tab on until something of this kind, with these words, has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if _is_at(page, selector, text):
            return
    pytest.fail(f"the keyboard does not reach {selector} {text}")


def _is_at(page: Page, selector: str, text: str = "") -> bool:
    found: bool = page.evaluate(
        "([selector, text]) => document.activeElement.matches(selector) && document.activeElement.textContent.includes(text)",
        [selector, text],
    )
    return found


def _next_level(page: Page) -> str:
    tab_to(page, ".spine a")
    name: str = page.evaluate("() => document.activeElement.closest('[data-level]').dataset.level")
    return name


def test_a_case_is_determined_read_and_answered_by_keyboard_alone(browser: Browser, server: Server) -> None:
    with visiting(browser, server) as one:
        page = one.open("/")
        tab_to(page, "#case")
        page.keyboard.insert_text(open_case())
        tab_to(page, "#policy")
        page.keyboard.type("Aetna")
        assert page.input_value("#policy").startswith("aetna")
        tab_to(page, "button.primary", DETERMINE)
        page.keyboard.press("Enter")
        page.wait_for_selector(".verdict")
        assert "Aetna" in page.inner_text("#in-short")

        level = _next_level(page)
        assert page.locator(f'.fact.lit[data-level~="{level}"]').count() > 0
        page.keyboard.press("Enter")
        assert page.locator(f"#level-{level}").is_visible()

        tab_to(page, ".question > summary", "Leg pain")
        page.keyboard.press("Enter")
        tab_to(page, "input[type=radio]")
        page.keyboard.press("ArrowDown")
        tab_to(page, "button.primary", "Determine again with these answers")
        page.keyboard.press("Enter")
        page.wait_for_selector("#changed")
        assert _is_at(page, "#changed", "is now")
        assert "Answered here, not on paper." in page.inner_text("#in-short")

        tab_to(page, ".why > summary")
        page.keyboard.press("Enter")
        for _ in range(60):
            tab_to(page, ".why .tree a[data-claim], .why .tree details:not([open]) > summary")
            is_claim = _is_at(page, "a")
            page.keyboard.press("Enter")
            if is_claim:
                break
        claim = unquote(page.url).partition("#")[2]
        assert re.fullmatch(r"claim-k\d+", claim)
        assert page.locator(f"#{claim}").is_visible()
        tab_to(page, f"#{claim} .references a")


def test_levels_light_up_one_after_the_other_under_the_keyboard(browser: Browser, server: Server) -> None:
    with visiting(browser, server) as one:
        page = one.open("/seeds/degenerative-t12-s2")
        levels = [_next_level(page) for _ in range(3)]
        assert len(set(levels)) == 3
        assert page.locator(f'.fact.lit[data-level~="{levels[-1]}"]').count() > 0
        assert page.locator(f'.level-table tr.lit[data-level="{levels[0]}"]').count() == 0


# The other ways.


def test_a_file_is_dropped_and_determined(browser: Browser, server: Server) -> None:
    with visiting(browser, server) as one:
        page = one.open("/")
        dropped = page.evaluate_handle(
            "(text) => { const held = new DataTransfer(); held.items.add(new File([text], 'case.jsonld')); return held; }",
            SHORT,
        )
        page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})
        expect(page.locator("#case")).to_have_value(SHORT)
        press(page, DETERMINE)
        assert "medically necessary" in page.inner_text(".verdict")


def test_a_published_case_is_taken_to_another_policy_and_to_a_comparison(browser: Browser, server: Server) -> None:
    with visiting(browser, server) as one:
        page = one.open("/")
        page.get_by_role("link", name="Destructive mass at T12").click()
        do_more(page)
        page.select_option(".doings #policy", "nice-ng234")
        press(page, "Determine again")
        assert "NICE NG234" in page.inner_text("#in-short")
        do_more(page)
        press(page, "Compare policies")
        assert page.is_checked("#tick-default")
        assert page.is_checked("#tick-nice-ng234")
        press(page, "Compare")
        assert page.locator("table.compared thead th").count() == 3


def test_a_published_case_is_changed_and_determined(browser: Browser, server: Server) -> None:
    with visiting(browser, server) as one:
        page = one.open("/seeds/t12-destructive-mass")
        do_more(page)
        press(page, "Change the case")
        text = page.input_value("#case")
        send(page, text.replace("Destructive mass at T12", "The same, changed"))
        assert "The same, changed" in page.inner_text("h1")


def test_each_form_is_downloaded_as_a_file_of_that_form(browser: Browser, server: Server) -> None:
    wanted = {
        "JSON": (".json", '"outcome"'),
        "Turtle": (".ttl", "hasOutcome"),
        "JSON-LD": (".jsonld", '"@id"'),
        "Proof (TriG)": (".trig", "{"),
        "Markdown": (".md", "# "),
        "Plain text": (".txt", "In short"),
    }
    with visiting(browser, server) as one:
        page = one.open("/")
        send(page, SHORT)
        for button, (suffix, held) in wanted.items():
            with page.expect_download() as taken:
                page.get_by_role("button", name=button, exact=True).click()
            assert taken.value.suggested_filename == f"determination{suffix}"
            text = Path(taken.value.path()).read_text(encoding="utf-8")
            assert held in text
            if "json" in suffix:
                json.loads(text)


@pytest.mark.slow
def test_what_is_kept_is_found_again_by_its_link_and_by_query_and_its_proof_holds(
    browser: Browser, server: Server
) -> None:
    with visiting(browser, server) as one:
        page = one.open("/")
        keep(page)
        name = page.url.rpartition("/")[2]
        assert "medically necessary" in page.inner_text(".verdict")
        with page.expect_download() as taken:
            page.get_by_role("button", name="Proof (TriG)").click()
        one.open("/sparql")
        page.get_by_label("Query, in SPARQL").focus()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(
            f'SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?s ?p ?o }} FILTER (CONTAINS(STR(?graph), "{name}")) }}'
        )
        run(page)
        expect(page.locator(".yasr_results tbody")).to_contain_text(name)
        proof = Path(taken.value.path()).read_bytes()
    answer = server.post("/v1/recheck", proof, "application/trig")
    assert answer.status_code == 200, answer.text
    assert answer.json()["holds"] is True


def test_without_script_everything_is_within_reach(browser: Browser, server: Server) -> None:
    with visiting(browser, server, java_script_enabled=False) as one:
        page = one.open("/")
        send(page, open_case())
        expect(page.locator(".verdict")).to_be_visible()
        page.locator(".spine a").first.click()
        assert "#level-" in page.url
        page.locator(".why > summary").first.click()
        page.locator(".why .tree summary").first.click()
        expect(page.locator(".why .tree .inside").first).to_be_visible()
        expect(page.get_by_role("button", name="Print")).to_have_count(0)

        page.locator(".question > summary", has_text="Leg pain").click()
        page.locator(".question[open]").get_by_label("it is so, as below").check()
        press(page, "Determine again with these answers")
        assert "is now" in page.inner_text("#changed")

        do_more(page)
        press(page, "Compare policies")
        page.check("#tick-nice-ng59")
        press(page, "Compare")
        assert page.locator("table.compared").is_visible()

        one.open("/guidelines")
        page.get_by_label("Search all guidelines").fill("translation")
        press(page, "Search")
        assert page.locator(".found li").count() > 0
        one.open("/sparql")
        page.locator("[data-worked=thresholds]").click()
        assert worked_title("thresholds") in page.inner_text("main")
        page.get_by_label("Result as").select_option("csv")
        with page.expect_download() as taken:
            page.get_by_role("button", name="Run query").click()
        assert "," in Path(taken.value.path()).read_text(encoding="utf-8")


def worked_title(name: str) -> str:
    """The title of a worked question."""
    return dict(worked())[name]


def test_on_paper_stand_the_outcome_and_the_reasons_and_nothing_to_press(browser: Browser, server: Server) -> None:
    with visiting(browser, server) as one:
        page = one.open("/")
        send(page, SHORT)
        page.locator(".why > summary").first.click()
        page.locator(".why .tree summary").first.click()
        page.emulate_media(media="print")
        for pressed in page.locator("button, .doings, .contents, nav").all():
            assert not pressed.is_visible()
        assert page.locator(".why .tree .inside").first.is_visible()
        told = letters_of(page.pdf())
        assert "medicallynecessary" in told
        assert "apersondecides" in told
        assert "Stenosistodecompress" in told
        assert _letters(page.locator(".why .tree .inside p").first) in told


def _letters(one: Locator) -> str:
    return "".join(one.inner_text().split())


def _is_tame(page: Page) -> None:
    """Nothing of a case ran, became an element, or turned the direction of writing."""
    assert page.evaluate("() => typeof told") == "undefined"
    assert page.locator("main :is(script, img)").count() == 0
    assert not set(UNSAYABLE) & set(page.inner_text("main"))


def test_a_hostile_case_is_told_as_text_all_the_way(browser: Browser, server: Server) -> None:
    with visiting(browser, server) as one:
        page = one.open("/")
        send(page, open_case(label=HOSTILE).replace('"L4-L5"', json.dumps(HOSTILE)))
        assert page.locator("#findings").is_visible()
        _is_tame(page)
        send(page, hostile_case(), "Check only")
        _is_tame(page)
        press(page, DETERMINE)
        assert "<script>told=1</script>" in page.inner_text("h1")
        _is_tame(page)
        page.locator(".question > summary", has_text="Leg pain").click()
        page.locator(".question[open]").get_by_label("it is so, as below").check()
        press(page, "Determine again with these answers")
        assert page.locator("#changed").is_visible()
        _is_tame(page)
        do_more(page)
        press(page, "Keep this determination")
        _is_tame(page)
        page.locator("a[href^='/v1/determinations/']").click()
        page.wait_for_load_state("networkidle")
        _is_tame(page)
        do_more(page)
        press(page, "Compare policies")
        page.check("#tick-nice-ng59")
        press(page, "Compare")
        assert "<script>told=1</script>" in page.inner_text("h1")
        _is_tame(page)


def test_nothing_of_a_case_stands_in_an_address_or_stays_in_the_browser(browser: Browser, server: Server) -> None:
    addresses: list[str] = []
    unheard = "Zebrafish"
    with visiting(browser, server) as one:
        one.page.on("request", lambda request: addresses.append(unquote(request.url)))
        page = one.open("/")
        send(page, open_case(label=unheard))
        assert unheard in page.inner_text("h1")
        do_more(page)
        press(page, "Keep this determination")
        do_more(page)
        press(page, "Compare policies")
        one.open("/form")
        page.locator("[data-form] input[role=combobox]").first.fill(unheard)
        page.locator("[data-form] input[role=combobox]").first.press("ArrowDown")
        page.wait_for_load_state("networkidle")
        assert any("/terms/search" in address for address in addresses)
        assert not [address for address in addresses if unheard in address]
        assert page.evaluate("() => [localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert page.evaluate("async () => (await indexedDB.databases()).length + (await caches.keys()).length") == 0
    assert unheard not in "".join(server.log)


def test_with_a_key_a_browser_enters_once(browser: Browser, tmp_path: Path) -> None:
    with (
        serving(tmp_path / "data", environment={"SPINE_KEY": "a key of some length"}) as locked,
        visiting(browser, locked) as one,
    ):
        page = one.open("/")
        assert page.url.endswith("/enter")
        page.get_by_label("Key").fill("another key")
        press(page, "Enter")
        assert "That was not the key." in page.inner_text("main")
        assert axe(page) == []
        page.get_by_label("Key").fill("a key of some length")
        press(page, "Enter")
        send(page, SHORT)
        assert "medically necessary" in page.inner_text(".verdict")
        assert page.evaluate("() => document.cookie") == ""


# What is made ready, and what is not sent twice.


def test_what_a_browser_holds_of_the_form_is_not_sent_again(server: Server) -> None:
    first = server.get("/form/description.json")
    again = server.client.get("/form/description.json", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert not again.content


def test_words_of_a_note_are_sent_in_a_body_alone(server: Server) -> None:
    found = server.post("/terms/search", b"q=slipped+vertebra&of=records", "application/x-www-form-urlencoded")
    assert found.json()["found"][0]["name"] == "Spondylolisthesis"
    assert server.get("/terms/search?q=slipped+vertebra").status_code == 405


def test_warming_stops_when_it_is_not_wanted_any_more() -> None:
    library, asked = Library.read(), list[bool]()

    def twice() -> bool:
        asked.append(True)
        return len(asked) < 2

    assert warm(library, twice) == 1
    with warming(library) as thread:
        pass
    thread.join(60)
    assert not thread.is_alive()
