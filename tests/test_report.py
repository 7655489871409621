"""One proof, four readers: the same verdicts, deciding criteria and needs; the first screen says it all."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import pytest

from reasoner.column import spine_column
from reasoner.door import determine
from reasoner.further import sources
from reasoner.layout import Fact, Line, Section, as_markdown, as_text, keys_of
from reasoner.report import Audience, sections_of, title_of, verdict_facts
from tests.examples import NAMES, found, library

PLUMBING: Final = (
    "is derived",
    "rank of",
    "role of a lesion",
    "established by",
    "evidence rank",
    "_:",
    "c14n",
    "None",
    "https://",
    "http://",
    "#",
    "{",
    "}",
    "; ;",
    " ,",
)
HASH: Final = re.compile(r"[0-9a-f]{32}")
WIDEST: Final = 99


@cache
def text(name: str, audience: Audience) -> tuple[str, ...]:
    """A report as lines of text."""
    determination = found(name)
    return tuple(line.text for line in as_text(title_of(determination.data), sections_of(determination, audience)))


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", NAMES)
def test_every_reader_is_told_the_same(name: str, audience: Audience) -> None:
    """What the lines of the rendered report carry is what the JSON holds: verdicts, deciding criteria, needs."""
    assert keys_of(sections_of(found(name), audience)) == verdict_facts(found(name).full)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_too_wide(name: str, audience: Audience) -> None:
    assert [line for line in text(name, audience) if len(line) > WIDEST and "/" not in line] == []


@pytest.mark.parametrize("audience", [a for a in Audience if a is not Audience.ENGINEER])
@pytest.mark.parametrize("name", NAMES)
def test_plumbing_is_for_the_engineer_only(name: str, audience: Audience) -> None:
    lines = text(name, audience)
    assert [(word, line) for line in lines for word in PLUMBING if word in line] == []
    assert not any(HASH.search(line) for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_the_engineer_sees_hashes_and_names(name: str) -> None:
    lines = "\n".join(text(name, Audience.ENGINEER))
    facts = found(name).data["provenance"]
    assert facts["caseHash"] in lines
    assert facts["knowledgeHash"] in lines
    assert "https://w3id.org/spine-reasoner/guideline/" in lines


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", NAMES)
def test_the_first_screen_has_everything_in_its_place(name: str, audience: Audience) -> None:
    first = sections_of(found(name), audience)[0]
    labels = list(dict.fromkeys(part.label for part in first.parts if isinstance(part, Fact)))
    wanted = ["Requested", "Outcome", "Approve", "Refuse", "Pend", "Next step", "Uncovered", "Policy", "Review"]
    assert [label for label in labels if label in wanted] == wanted
    assert labels[-2:] == ["Deciding", "Ground"]
    assert len(first.parts) < 40


def test_what_decides_names_its_document_and_date() -> None:
    lines = "\n".join(text("degenerative-t12-s2", Audience.REVIEWER)[:40])
    assert "Very subtle thoracolumbar curve" in lines
    assert "Radiograph report, undated" in lines


def test_levels_alike_are_told_once() -> None:
    lines = text("degenerative-t12-s2", Audience.REVIEWER)
    assert "? posterior fusion L1-S1: cannot be decided on this record" in lines
    heads = [line for line in lines if "Structured physical therapy: not documented" in line and "[care" in line]
    assert len(heads) == 2


def test_an_author_s_conclusion_is_said_to_be_one() -> None:
    lines = " ".join(" ".join(text("degenerative-t12-s2", Audience.REVIEWER)).split())
    assert "'Failed conservative treatment', response called failed, an author's assessment (disputed)" in lines


def test_both_sides_of_a_contradiction_are_shown() -> None:
    lines = " ".join(" ".join(text("degenerative-t12-s2", Audience.REVIEWER)).split())
    assert "'Significant coronal plane deformity'" in lines
    assert "(counts)" in lines
    assert "(shown, no longer counts)" in lines
    assert "not settled; both sides stand" in lines


def test_counted_levels_are_told_as_a_surgeon_tells_them() -> None:
    lines = " ".join(" ".join(text("t12-destructive-mass", Audience.REVIEWER)).split())
    assert "2 levels above and 2 below the lesion at T12, as counted" in lines
    assert "supports the lesion at T12, 2 levels away" in lines


@pytest.mark.parametrize("name", NAMES)
def test_a_claim_says_under_which_criteria_it_stands(name: str) -> None:
    """Every deciding criterion with a claim is named there as it is printed item by item: room and number."""
    told = under_lines(sources(found(name).full))
    entries = [
        entry for item in found(name).full["items"] for part in ("because", "against", "open") for entry in item[part]
    ]
    wanted = {(entry["guideline"], entry["notation"]) for entry in entries if entry["claims"]}
    printed = [room.partition(" ") for line in told for room in line.removeprefix("under: ").split("; ")]
    assert {(room, number) for room, _, numbers in printed for number in numbers.split(", ")} == wanted
    assert len(told) == len({claim for entry in entries for claim in entry["claims"]})


def test_criteria_of_a_claim_are_told_by_room_and_no_more_than_can_be_read() -> None:
    criteria = [("infection", "1.1"), ("adjuncts", "3.a"), ("infection", "3.1"), ("infection", "1.1")]
    assert under_lines(sources(one_claim_under(criteria))) == ["under: infection 1.1, 3.1; adjuncts 3.a"]
    many = [("infection", f"{number}.1") for number in range(1, 10)]
    assert under_lines(sources(one_claim_under(many))) == [
        "under: infection 1.1, 2.1, 3.1, 4.1, 5.1, 6.1, and 3 more",
    ]


def test_a_criterion_without_a_number_is_told_by_its_label() -> None:
    assert under_lines(sources(one_claim_under([("infection", "")]))) == ["under: infection 'Pressure'"]


def one_claim_under(criteria: list[tuple[str, str]]) -> dict[str, Any]:
    """A determination in which one claim stands under the criteria, each of them printed for an item of its own."""
    items = [
        {"because": [{"guideline": room, "notation": number, "label": "Pressure", "claims": ["c"]}]}
        for room, number in criteria
    ]
    claim: dict[str, Any] = {
        "text": "Said.",
        "appraisal": "verified",
        "evidenceGrade": None,
        "fit": "inside",
        "locator": "",
        "references": [],
        "relations": [],
    }
    return {"items": [{**item, "against": [], "open": []} for item in items], "claims": {"c": claim}}


def under_lines(section: Section | None) -> list[str]:
    """The lines of a section that say under which criteria a claim stands."""
    parts = section.parts if section else ()
    return [part.text for part in parts if isinstance(part, Line) and part.text.startswith("under: ")]


def test_the_column_shows_what_is_asked_for_supported_and_left_out() -> None:
    rows = spine_column(found("breast-metastases-cauda-equina").data["spine"])
    by_level = {row.split()[0]: row for row in rows if row.strip()}
    assert by_level["T4-T5"].split()[-1] == "support"
    assert "disease" in by_level["T5-T6"]
    assert "UNCOVERED" in by_level["L1"]
    assert by_level["T4-T5"].count("+") == 2
    assert any(row.startswith("D posterior fusion L4-S1") for row in rows)


def test_a_level_that_is_bridged_or_not_shown_is_marked() -> None:
    rows = {row.split()[0]: row for row in spine_column(found("degenerative-t12-s2").data["spine"]) if row.strip()}
    assert "bridge" in rows["L2-L3"]
    assert "not shown" in rows["T12-L1"]


def test_the_patient_reads_words_and_no_clause_numbers() -> None:
    lines = "\n".join(text("degenerative-t12-s2", Audience.PATIENT))
    assert "The record does not say enough to decide this." in lines
    assert "[lumbar-fusion" not in lines
    assert "Weighed" not in lines


@pytest.mark.parametrize("audience", Audience)
def test_markdown_says_the_same(audience: Audience) -> None:
    determination = found("l2-burst-metastasis")
    page = as_markdown(title_of(determination.data), sections_of(determination, audience))
    assert page.startswith("# L2 burst fracture")
    assert "## Item by item" in page


def test_free_text_of_a_case_is_harmless() -> None:
    """A label that tries to be a heading, a link or a tag is printed as what it is."""
    data = (library().root / "examples" / "l2-burst-metastasis.ttl").read_text(encoding="utf-8")
    label = "# Approved [now](http://x.example) <b>"
    changed = re.sub(r'case:label "L2 burst[^"]*"', lambda _: f'case:label "{label}"', data, count=1)
    assert changed != data
    determination = determine(library(), changed.encode())
    sections = sections_of(determination)
    told = [line.text for line in as_text(title_of(determination.data), sections)]
    assert told[0] == label
    page = as_markdown(title_of(determination.data), sections)
    assert page.startswith(r"# \# Approved \[now\](http\://x.example) \<b\>")


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_the_same_again(name: str) -> None:
    again = determine(library(), (library().root / "examples" / f"{name}.ttl").read_bytes())
    lines = tuple(line.text for line in as_text(title_of(again.data), sections_of(again, Audience.REVIEWER)))
    assert lines == text(name, Audience.REVIEWER)
