"""The form for a case asks all that a case may state and nothing else, and is filled in by keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Route

from api.pages import STATIC
from api.pages.case_form import LONGEST_QUESTION, MOST_WORDS, form_page, found_terms
from api.pages.form_fields import form_description, written_name
from reasoner import determine, read_case
from reasoner.schema import PREFIXES
from reasoner.vocabulary import CASE, SPINE
from tests.browser import DESK, PHONE, axe, overhang, watched
from tests.examples import library
from tests.test_api_home import ORIGIN, POLICY, TYPES
from tests.test_generated import CI

Json = dict[str, Any]

DAYS: Final = {False: "2026-03-02", True: "2026-03"}
STEPS: Final = 400


@cache
def description() -> Json:
    """The form as data."""
    return form_description(library())


def iri(name: str) -> str:
    """A written name as the IRI that it stands for."""
    prefix, colon, rest = name.partition(":")
    return PREFIXES[prefix] + rest if colon and prefix in PREFIXES else library().schema.names.get(name, name)


def fields_of(cls: str) -> set[str]:
    """The fields that the form offers for a class."""
    row = description()["classes"][cls]
    drawn = {one["path"] for shape in row["shapes"] for one in description()["shapes"][shape]["fields"]}
    return (drawn | set(row.get("beyond", ()))) - set(row.get("never", ()))


def named(name: str) -> set[str]:
    """A field with the ends of its span."""
    field = description()["fields"][name]
    return {name, *(field[key] for key in ("low", "high") if key in field)}


# The description.


def test_every_property_that_a_case_may_state_is_a_field() -> None:
    told = {iri(each) for name in description()["fields"] for each in named(name)}
    assert told == set(library().schema.properties)


def test_every_class_that_a_case_may_give_has_exactly_the_fields_that_it_may_carry() -> None:
    schema = library().schema
    assert {iri(name) for name in description()["classes"]} == schema.assertable
    for name in description()["classes"]:
        may = {path for path, one in schema.properties.items() if not one.domain or iri(name) in one.domain}
        assert {iri(each) for field in fields_of(name) for each in named(field)} == may, name


def test_every_choice_of_a_field_stands_in_its_list_and_no_other() -> None:
    schema = library().schema
    for name, field in description()["fields"].items():
        known = schema.properties[iri(name)]
        if field["kind"] == "choice":
            assert {iri(one["name"]) for one in description()["sets"][field["set"]]} == known.values
        assert (field["kind"] in ("nodes", "link")) == bool(known.node_classes)
        assert field.get("min") == known.minimum
        assert field.get("max") == known.maximum
        assert field["label"]
        assert field["help"]


def test_choices_that_look_alike_are_told_apart() -> None:
    for rows in description()["sets"].values():
        labels = [one["label"] for one in rows]
        assert len(set(labels)) == len(labels)


def test_grades_stand_from_the_lowest_and_levels_from_the_head_down() -> None:
    schema, sets = library().schema, description()["sets"]
    for name, field in description()["fields"].items():
        scale = schema.scales.get(schema.properties[iri(name)].scale)
        if scale:
            assert [iri(one["name"]) for one in sets[field["set"]]] == list(scale)
    levels = [one["name"] for one in sets[description()["fields"]["atLevel"]["set"]]]
    assert levels.index("T12") < levels.index("T12-L1") < levels.index("L1") < levels.index("LumbarSpine")


def test_what_criteria_ask_of_a_class_is_shown_at_once() -> None:
    assert {"hasSlipGrade", "slipInMillimetres"} <= set(description()["classes"]["Spondylolisthesis"]["asked"])
    assert "hasSlipGrade" not in description()["classes"]["PhysicalTherapy"]["asked"]


def test_what_stands_inside_another_node_is_told_from_what_links_to_one() -> None:
    kinds = {name: field["kind"] for name, field in description()["fields"].items()}
    assert {kinds[name] for name in ("hasPatient", "hasRequest", "asksFor", "records", "hasCodeLine")} == {"nodes"}
    assert {kinds[name] for name in ("statedIn", "dueTo", "addsTo", "followsStep")} == {"link"}
    assert [one["type"] for one in description()["fields"]["records"]["adds"]] == [None, "Absence", "NotDocumented"]


# What the form writes is read.


@st.composite
def filled(draw: st.DrawFn) -> Json:
    """A case as the form may write it: any class, any of its fields, any choice."""
    classes = sorted(description()["classes"])
    record = draw(st.sampled_from([one for one in classes if holds("records", one)]))
    service = draw(st.sampled_from([one for one in classes if holds("asksFor", one)]))
    document = draw(st.sampled_from([one for one in classes if holds("hasDocument", one)]))
    return {
        "@context": description()["context"],
        "type": "Case",
        "hasPatient": node(draw, "Patient"),
        "hasRequest": {**node(draw, "Request"), "asksFor": {"id": "#service", **node(draw, service)}},
        "hasDocument": {"id": "#document", **node(draw, document)},
        "records": {"id": "#record", **node(draw, record)},
    }


def holds(path: str, name: str) -> bool:
    """Whether a node of a class may stand under a property."""
    return iri(name) in library().schema.properties[iri(path)].node_classes


def node(draw: st.DrawFn, name: str) -> Json:
    """A node with what it must have and one more field."""
    must = {
        one["path"]
        for shape in description()["classes"][name]["shapes"]
        for one in description()["shapes"][shape]["fields"]
        if one["required"] and not one["opens"]
    }
    plain = sorted(one for one in fields_of(name) if description()["fields"][one]["kind"] != "nodes" and is_lone(one))
    chosen = sorted({*must, *draw(st.lists(st.sampled_from(plain), max_size=1))})
    return {"type": name} | {path: value(draw, path) for path in chosen}


def is_lone(name: str) -> bool:
    """Whether a field can stand alone and link to what this case has: the ends of a range go together."""
    field = description()["fields"][name]
    return name not in ("fromLevel", "toLevel") and (field["kind"] != "link" or name == "statedIn")


def value(draw: st.DrawFn, path: str) -> object:
    """A value as the form may write it."""
    field = description()["fields"][path]
    match field["kind"]:
        case "choice":
            return draw(st.sampled_from(description()["sets"][field["set"]]))["name"]
        case "boolean":
            return draw(st.booleans())
        case "date":
            return DAYS[field["isPartial"]]
        case "text":
            return "as the note says"
        case "link":
            return "#document"
        case _:
            return draw(st.sampled_from([field["min"], field["max"]]))


@CI
@given(filled())
def test_whatever_the_form_writes_can_be_read(case: Json) -> None:
    assert read_case(json.dumps(case).encode(), schema=library().schema).hash


@pytest.mark.parametrize(
    "path", sorted(name for name, one in form_description(library())["fields"].items() if "set" in one)
)
def test_every_choice_is_a_name_that_the_reader_knows(path: str) -> None:
    schema = library().schema
    for one in description()["sets"][description()["fields"][path]["set"]]:
        assert written_name(schema, iri(one["name"])) == one["name"]
        assert iri(one["name"]) in schema.properties[iri(path)].values


# The search for what a note says.


def test_words_of_a_note_find_the_class_that_a_case_records() -> None:
    found = found_terms(library(), "slipped vertebra", of="records")["found"]
    assert found[0]["name"] == "Spondylolisthesis"
    assert 0 < len(found) <= MOST_WORDS


def test_a_turn_of_phrase_brings_what_it_states() -> None:
    states = [one["states"] for one in found_terms(library(), "no bridging bone", of="records")["found"]]
    assert {"type": ["Absence"], "ofKind": ["SolidFusion"]} in states


def test_a_search_is_held_to_what_a_property_may_hold() -> None:
    for one in found_terms(library(), "fusion of the lumbar spine", of="asksFor")["found"]:
        assert SPINE + one["name"] in library().schema.properties[CASE + "asksFor"].node_classes


def test_a_search_for_anything_at_all_is_answered() -> None:
    for text in ("", "   ", "\x00", "<script>", "x" * 10_000, "🦴"):
        answer = found_terms(library(), text, of="no such property")
        assert len(answer["query"]) <= LONGEST_QUESTION


# The page.


def test_without_a_script_the_page_offers_a_case_to_edit() -> None:
    page = form_page(library())
    assert "<noscript>" in page
    assert "A case to fill in" in page


class Served:
    """The page in a browser, every address of its server answered here; the case that was sent is kept."""

    def __init__(self, page: Page) -> None:
        self.sent: list[str] = []
        page.route(f"{ORIGIN}/**", self.answer)

    def answer(self, route: Route) -> None:
        """Answer as the server would."""
        address = urlsplit(route.request.url)
        if address.path == "/form":
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=form_page(library()), content_type="text/html; charset=utf-8", headers=headers)
        elif address.path == "/form/description.json":
            route.fulfill(json=description())
        elif address.path == "/terms/search":
            asked = parse_qs(route.request.post_data or "", keep_blank_values=True)
            assert not address.query
            route.fulfill(json=found_terms(library(), asked["q"][0], asked["of"][0]))
        elif address.path.startswith("/static/"):
            file = STATIC / address.path.removeprefix("/static/")
            route.fulfill(body=file.read_text(encoding="utf-8"), content_type=TYPES[file.suffix])
        else:
            self.sent.append(parse_qs(route.request.post_data or "")["case"][0])
            route.fulfill(body="<!doctype html><title>Sent</title><p>Sent", content_type="text/html")


_FOCUSED: Final = """() => {
    const one = document.activeElement;
    const name = one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent;
    const legend = one.closest("fieldset")?.querySelector("legend")?.textContent ?? "";
    return [name.trim(), legend];
}"""


def reach(page: Page, name: str, within: str = "") -> None:
    """Tab on until the field or button of that name has the focus."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if page.evaluate(_FOCUSED) == [name, within] or (not within and page.evaluate(_FOCUSED)[0] == name):
            return
    pytest.fail(f"The keyboard does not reach {name}.")


def choose(page: Page, text: str) -> None:
    """Type into a box with a list and take the first choice."""
    page.keyboard.type(text)
    page.wait_for_selector('[role="option"]:visible')
    page.keyboard.press("Enter")


def add(page: Page, button: str, what: str) -> None:
    """Add a node of a class; the focus goes to where its class is typed."""
    reach(page, button)
    page.keyboard.press("Enter")
    choose(page, what)


def fill(page: Page, name: str, text: str, *, is_list: bool = False) -> None:
    """Fill in one field."""
    reach(page, name)
    if is_list:
        choose(page, text)
    else:
        page.keyboard.type(text)


@pytest.fixture
def opened(browser: Browser) -> Iterator[tuple[Page, Served]]:
    """The form in a browser that answers by itself and fails on any complaint."""
    with watched(browser, ORIGIN) as one:
        served = Served(one.page)
        one.open("/form")
        yield one.page, served


def test_the_shortest_case_is_filled_in_by_keyboard_alone(opened: tuple[Page, Served]) -> None:
    page, served = opened
    fill(page, "Age in years", "47")
    reach(page, "What it is")
    choose(page, "discectomy")
    fill(page, "At level", "L4-5", is_list=True)
    fill(page, "Urgency", "emergency")
    fill(page, "Requested on", "2026-03-02")
    reach(page, "Label", "case")
    page.keyboard.type("A short case")
    add(page, "Add: document", "lumbar mri report")
    fill(page, "Written on", "2026-03-01")
    add(page, "Add: evidence", "disc extrusion")
    fill(page, "At level", "L4-L5", is_list=True)
    fill(page, "Stated in", "lumbar")
    add(page, "Add: evidence", "central stenosis")
    fill(page, "At level", "L4-L5", is_list=True)
    fill(page, "Stated in", "lumbar")
    fill(page, "Severity", "severe")
    for sign in ("saddle numbness", "urinary retention"):
        add(page, "Add: evidence", sign)
        fill(page, "Onset date", "2026-03-01")
    page.wait_for_function("() => document.querySelector('[data-count]').textContent === 'Nothing to mend.'")
    reach(page, "Determine")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.title === 'Sent'")
    mine = determine(library(), served.sent[0].encode()).data
    shortest = determine(library(), (library().root / "examples" / "minimal.jsonld").read_bytes()).data
    assert told(mine) == told(shortest)


def told(data: Json) -> Json:
    """What a determination says, without the names of nodes."""
    parts = ("because", "against", "open")
    items = [
        [item["id"], item["outcome"], [[one["criterion"], one["answer"]] for part in parts for one in item[part]]]
        for item in data["items"]
    ]
    kept = {key: data[key] for key in ("outcome", "action", "asOf", "review", "approved", "ground")}
    return {**kept, "items": items, "documents": [[one["kind"], one["date"]] for one in data["documents"]]}


def test_what_is_missing_is_counted_and_led_to(opened: tuple[Page, Served]) -> None:
    page, served = opened
    assert page.inner_text("[data-count]").startswith("1 to mend")
    page.click("button.primary")
    assert page.evaluate(_FOCUSED)[0] == "What it is"
    page.keyboard.type("no such operation")
    page.keyboard.press("Tab")
    page.wait_for_function(
        "() => document.querySelector('[data-problems] ol').textContent.includes('Choose one from the list')"
    )
    assert not served.sent


def test_a_turn_of_phrase_is_written_as_the_absence_that_it_means(opened: tuple[Page, Served]) -> None:
    page, _ = opened
    page.click("text=Add: evidence")
    page.keyboard.type("no bridging bone")
    page.wait_for_selector('[role="option"]:has-text("documented absence, of kind solid fusion")')
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('case').value.includes('SolidFusion')")
    written = json.loads(page.input_value("#case"))["records"]
    assert (written["type"], written["ofKind"]) == ("Absence", "SolidFusion")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_the_form_is_for_everybody(browser: Browser, size: dict[str, int], scheme: str) -> None:
    with watched(browser, ORIGIN, size=size, color_scheme=scheme) as one:
        Served(one.page)
        page = one.open("/form")
        page.click("text=Add: evidence")
        page.keyboard.type("slip")
        page.wait_for_selector('[role="option"]:visible')
        assert axe(page) == []
        page.keyboard.press("Enter")
        page.click("text=Add: documented absence")
        assert axe(page) == []
        assert overhang(page) == 0
