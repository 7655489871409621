"""A woven page says what its room says, prints it as it stands, and changes when a number changes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reasoner.library import Library, guideline_name
from reasoner.markdown import link, plain, sentence, table
from reasoner.sourcing import claims_of, unused_claims
from reasoner.terms import RDF_TYPE, Graph
from reasoner.vocabulary import GUIDELINE, SH, Nec
from reasoner.weave import coverage, page
from reasoner.words import demand
from reasoner.worked import room_names

ROOMS = sorted(path.parent.name for path in (Path(__file__).parent.parent / "shapes").glob("*/guideline.ttl"))
PARSER = MarkdownIt("commonmark").enable("table")


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


def printed(markdown: str) -> str:
    """What a reader sees of one paragraph."""
    return "".join(
        child.content
        for token in PARSER.parse(markdown)
        for child in token.children or ()
        if child.type in ("text", "code_inline")
    )


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))))
def test_text_is_printed_as_it_stands(text: str) -> None:
    assert printed(plain(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["1. One", "- a", "+ b", "# c", "> d", "=", "| e |", "&lt;", "<b>f</b>", "[g](h)", "`i` *j* __k__", "a\\"]
)
def test_nothing_in_a_text_is_taken_for_markup(text: str) -> None:
    assert printed(plain(text)) == text
    assert "<p>" in PARSER.render(plain(text))


def test_a_cell_and_a_link_hold_any_text() -> None:
    rows = PARSER.render("\n".join(table(("a", "b"), [(plain("x | y"), link("[z]", "#z"))])))
    assert "<td>x | y</td>" in rows
    assert '<a href="#z">[z]</a>' in rows
    assert sentence("once.") == "Once."


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (
            "lumbar-fusion#stenosis-not-mild",
            "evidence at its level: spinal stenosis whose severity is moderate or more",
        ),
        ("care-and-optimisation#care-did-harm", "care whose response is said to be not tolerated or worsened"),
        ("care-and-optimisation#symptom-on-record", "symptom that is not said to be resolved"),
        ("care-and-optimisation#care-beyond-rest", "physical therapy, home exercise, chiropractic care or medication"),
        ("care-and-optimisation#care-within-six-months", "conservative care at most 183 days before the cut-off"),
        ("care-and-optimisation#two-kinds-of-care", "conservative care total with at least 2 distinct modalities"),
        ("lumbar-decompression#something-fits", "nerve pressure whose fit with the symptoms is by root or by limb"),
        ("setting-of-care#emergency-request", "request whose urgency is said to be emergency"),
        ("setting-of-care#deficit-that-progresses", "loss of independent mobility, that is said to be progressive"),
        ("setting-of-care#intravenous-treatment", "medication that is said to be delivered into a vein"),
        ("setting-of-care#run-of-two-below-the-neck", "at least 2 segments and whose lower end is at T2 or below"),
        (
            "setting-of-care#justified-body-removal",
            "justified work: corpectomy that is established by a recommendation",
        ),
        ("setting-of-care#body-mass-of-40", "evidence of the patient: body mass index of at least 40"),
        (
            "lumbar-fusion#slip-at-level",
            "evidence at its level: spondylolisthesis with slip grade 1 or more (or not stated)",
        ),
        ("care-and-optimisation#hba1c-below-8", "HbA1c of less than 8 percent"),
        ("lumbar-fusion#facetectomy-over-half", "facet removal of more than 50 percent"),
        ("neural-compression#motor-loss-to-2", "with strength 2/5 or less"),
        ("neural-compression#progressive-neurological-deficit", "neurological deficit that is progressive"),
        ("neural-compression#bladder-dysfunction", "bladder dysfunction that is not said to be resolved"),
        ("fracture-and-augmentation#traumatic-fracture", "osteoporotic fracture or one due to trauma"),
        ("fracture-and-augmentation#tlics-either", "TLICS result with total of 4"),
        ("setting-of-care#two-fusions", "services in the request: at least 2 of spinal fusion"),
    ],
)
def test_a_demand_reads_aloud(library: Library, criterion: str, words: str) -> None:
    assert words in demand(library, library.criteria.leaves[GUIDELINE + criterion])


@pytest.mark.parametrize("room", ROOMS)
def test_every_criterion_is_told_once_and_every_link_leads_somewhere(library: Library, room: str) -> None:
    text = page(library, room)
    anchors = Counter(re.findall(r'<a id="([^"]+)">', text))
    mine = {iri.rsplit("#", 1)[1] for iri in library.criteria.compiled if guideline_name(iri) == room}
    assert [name for name in mine if anchors[name] != 1] == []
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors.keys()
    for other, name in re.findall(r"\]\(\.\./([^/]+)/README\.md#([^)]+)\)", text):
        assert f"{GUIDELINE}{other}#{name}" in library.graph.index
    assert all((library.root / "shapes" / room / path).is_file() for path in re.findall(r"\]\((cases/[^)]+)\)", text))


@pytest.mark.parametrize("room", ROOMS)
def test_clauses_stand_in_the_order_of_the_list(library: Library, room: str) -> None:
    text = page(library, room)
    listed = library.graph.list(library.graph.node(GUIDELINE + room, Nec.clauses) or "")
    heads = [
        text.index(f'<a id="{str(clause).rsplit("#", 1)[1]}">')
        for clause in listed
        if Nec.Recommendation in library.graph.types(str(clause))
    ]
    assert heads == sorted(heads)


def test_a_changed_number_changes_the_page(library: Library) -> None:
    before = page(library, "lumbar-fusion")
    graph = Graph()
    graph.index = {s: {p: list(values) for p, values in edges.items()} for s, edges in library.graph.index.items()}
    leaf = library.criteria.leaves[GUIDELINE + "lumbar-fusion#translation-over-2-mm"]
    (shape,) = graph.nodes(leaf.shape.shape, SH + "property")
    (bound,) = graph.objects(shape, SH + "minExclusive")
    assert not isinstance(bound, str)
    assert bound.number == Decimal(2)
    graph.index[shape][SH + "minExclusive"] = [bound._replace(lexical="5")]
    after = page(replace(library, graph=graph), "lumbar-fusion")
    assert "dynamic translation of more than 5 millimetres" not in before
    assert "dynamic translation of more than 5 millimetres" in after


def test_a_page_shows_stories_thresholds_sources_and_silence(library: Library) -> None:
    text = page(library, "lumbar-fusion")
    for words in (
        "## Worked cases",
        "## Thresholds",
        "## Claims",
        "## References",
        "an empty record means no",
        "disagrees with",
        "*unless*",
    ):
        assert words in text


@pytest.mark.parametrize("room", ROOMS)
def test_what_stands_under_a_heading_is_what_it_says(library: Library, room: str) -> None:
    kinds = {"Exceptions": Nec.Exception, "Advisories": Nec.Advisory, "Criteria": Nec.Criterion}
    heading = ""
    clauses = set(library.graph.list(library.graph.node(GUIDELINE + room, Nec.clauses) or ""))
    inner = {
        part
        for one in clauses & library.criteria.compiled.keys()
        for part in library.criteria.within(str(one))
        if part != one
    }
    listed = {one for one in clauses - inner if Nec.Recommendation not in library.graph.types(str(one))}
    for line in page(library, room).splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        name = re.fullmatch(r'<a id="([^"]+)"></a>', line)
        clause = f"{GUIDELINE}{room}#{name[1]}" if name else ""
        if clause in listed and heading in kinds:
            types = library.graph.types(clause)
            assert kinds[heading] in types
            assert heading == "Exceptions" or Nec.Exception not in types


def test_checks_and_what_they_advise_stand_together(library: Library) -> None:
    assert page(library, "procedure-coding").count("## Criteria and advisories\n") == 1


def test_a_narrower_criterion_says_what_it_narrows(library: Library) -> None:
    text = page(library, "care-and-optimisation")
    assert "**Narrows** [3.a Structured physical therapy](#formal-physical-therapy): what waives that" in text


def test_a_branch_is_drawn_once_in_a_list(library: Library) -> None:
    text = page(library, "setting-of-care")
    assert "(#operation-in-order): *as above*" in text


def test_pages_do_not_depend_on_the_hash_seed() -> None:
    code = "from reasoner.library import Library as L\nfrom reasoner.weave import page\nprint(page(L.read(), 'primary-tumour'))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            cwd=Path(__file__).parent.parent,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent.parent)},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_coverage_counts_every_room_and_names_what_is_no_rule(library: Library) -> None:
    lines = list(coverage(library))
    heads = [line for line in lines if not line.startswith(" ")]
    assert [line.split(":")[0] for line in heads[:-1]] == [*room_names(library), "policies"]
    assert heads[-1].startswith(f"in all {len(room_names(library))} rooms: ")
    assert not any("because Not a rule here" in line for line in lines)
    told = sum(line.startswith("  not encoded as a rule: ") for line in lines)
    claims = library.graph.subjects(RDF_TYPE, Nec.Claim)
    assert {claim for room in ROOMS for claim in claims_of(library, room)} < set(claims)
    assert told == len(list(unused_claims(library, claims)))
