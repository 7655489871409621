"""The drawing of the spine: measures made from plain data, true to the column of the text report."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from api.pages.drawing import SHAPES, drawing_of, letters_of, outcome_key, sentence_of
from reasoner.column import spine_column
from tests.examples import NAMES, found

Json = dict[str, Any]


def spine(name: str) -> Json:
    """What an example tells of its levels."""
    told: Json = found(name).data["spine"]
    return told


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_levels_of_the_text_column_in_their_order(name: str) -> None:
    drawing = drawing_of(spine(name))
    assert drawing is not None
    written = [line.split()[0] for line in spine_column(spine(name))[2:] if line.strip() and line.split()[0] != "..."]
    assert [level.name for level in drawing.levels] == written[: len(drawing.levels)]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_overlaps_and_nothing_lies_outside(name: str) -> None:
    drawing = drawing_of(spine(name))
    assert drawing is not None
    assert all(above.top + above.height <= below.top for above, below in pairwise(drawing.levels))
    assert drawing.levels[-1].top + drawing.levels[-1].height <= drawing.height
    for level in drawing.levels:
        assert all(level.top <= chip.top <= level.top + level.height - 12 for chip in level.chips)
        assert all(cell.centre < drawing.purpose_left for cell in level.cells)
    centres = [lane.centre for lane in drawing.lanes]
    assert all(right - left >= drawing.lane_width for left, right in pairwise(centres))


def test_supported_refused_bridged_and_uncovered_levels_are_told_apart() -> None:
    mixed = drawing_of(spine("degenerative-t12-s2"))
    breast = drawing_of(spine("breast-metastases-cauda-equina"))
    assert mixed is not None
    assert breast is not None
    levels = {level.name: level for level in (*mixed.levels, *breast.levels[:0])}
    assert [cell.tone for cell in levels["T12-L1"].cells] == ["bad"]
    assert {cell.symbol for cell in levels["L4-L5"].cells} == {"?"}
    assert levels["L2-L3"].purpose == "bridge"
    uncovered = {level.name for level in breast.levels if level.is_uncovered}
    assert uncovered == {"L1", "L3-L4"}
    assert len(breast.gaps) == 2


def test_a_refusal_for_silence_never_looks_like_a_denial() -> None:
    denied = {"outcome": "not-necessary", "grounds": "not necessary"}
    silent = {"outcome": "not-necessary", "grounds": "not documented"}
    assert outcome_key(denied) != outcome_key(silent)


def test_families_are_drawn_by_shape_and_word_diseases_first() -> None:
    drawing = drawing_of(spine("degenerative-t12-s2"))
    assert drawing is not None
    words = [sign.word for sign in drawing.signs]
    assert words[:2] == ["spinal stenosis", "spondylolisthesis"]
    assert [sign.is_disease for sign in drawing.signs] == sorted((s.is_disease for s in drawing.signs), reverse=True)
    assert len({sign.path for sign in drawing.signs}) == len(words) <= len(SHAPES)


def test_a_level_is_told_in_one_sentence() -> None:
    told = spine("breast-metastases-cauda-equina")
    names = {one["service"]: one["procedure"] for one in told["services"]}
    rows = {row["level"]: row for row in told["rows"]}
    assert sentence_of(rows["T4-T5"], names).startswith("T4-T5: Asked for: decompression, necessary; posterior fusion")
    assert "nothing requested touches it" in sentence_of(rows["L3-L4"], names)


def test_many_families_are_counted_and_many_services_lettered() -> None:
    """What does not fit is counted, never left out in silence; after Z the letters are doubled."""
    finding = {"node": "n", "statement": "", "kind": "k", "disease": True, "counted": False}
    row = {
        "level": "L4",
        "kind": "vertebra",
        "requested": [],
        "purpose": None,
        "findings": [{**finding, "family": f"family {n}"} for n in range(12)],
        "uncovered": False,
        "afterGap": False,
    }
    drawing = drawing_of({"services": [], "rows": [row], "above": "L3", "below": None})
    assert drawing is not None
    level = drawing.levels[0]
    assert level.more == f"and {12 - len(level.chips)} more"
    services = {"services": [{"service": str(n)} for n in range(30)]}
    assert list(letters_of(services).values())[25:28] == ["Z", "AA", "BB"]
