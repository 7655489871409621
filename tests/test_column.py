"""The levels of a determination as plain data, from which the text column, the names of groups and drawings are made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reasoner.column import spine_column
from reasoner.itemised import Names
from reasoner.report import Audience, sections_of, sections_of_data
from tests.examples import NAMES, found, library

Json = dict[str, Any]


def rows(name: str) -> dict[str, Json]:
    """The rows of an example by level."""
    return {row["level"]: row for row in found(name).data["spine"]["rows"]}


@pytest.mark.parametrize("name", NAMES)
def test_levels_run_from_the_head_down_and_each_stands_once(name: str) -> None:
    anatomy = library().anatomy
    known = {iri.rpartition("#")[2]: iri for iri in (*anatomy.rank, *anatomy.ends)}
    told = [row["level"] for row in found(name).data["spine"]["rows"]]
    assert told == sorted(set(told), key=lambda level: anatomy.order(known[level]))


@pytest.mark.parametrize("name", NAMES)
def test_every_item_with_a_level_stands_at_it_with_its_outcome(name: str) -> None:
    data = found(name).data
    placed = {item for one in data["spine"]["services"] for item in one["items"]}
    outcomes = {item["id"]: item["outcome"] for item in data["items"]}
    told = {(one["item"], one["outcome"]) for row in data["spine"]["rows"] for one in row["requested"]}
    assert told <= set(outcomes.items())
    assert {item for item, _ in told} == placed


def test_a_finding_has_its_kind_and_the_family_that_the_ontology_puts_it_in() -> None:
    t6 = {one["kind"]: one for one in rows("breast-metastases-cauda-equina")["T6"]["findings"]}
    assert t6["compression fracture"]["family"] == "vertebral fracture"
    assert t6["canal stenosis"]["family"] == "spinal stenosis"
    assert t6["compression fracture"]["disease"] is True
    l1 = {one["kind"]: one for one in rows("degenerative-t12-s2")["L1-L2"]["findings"]}
    assert l1["disc height loss"]["disease"] is False


def test_gaps_and_neighbours_are_told() -> None:
    told = found("breast-metastases-cauda-equina").data["spine"]
    assert (told["above"], told["below"]) == ("T3", "S2")
    assert [row["level"] for row in told["rows"] if row["afterGap"]] == ["L1", "L3"]


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", NAMES)
def test_a_saved_determination_is_printed_as_the_one_at_hand(name: str, audience: Audience) -> None:
    """The report needs nothing but the JSON: what was kept reads as it did."""
    saved = json.loads(found(name).to_json())
    given = [(one.title, set(one.parts)) for one in sections_of(found(name), audience)]
    assert [(one.title, set(one.parts)) for one in sections_of_data(saved, audience)] == given
    assert spine_column(saved["spine"]) == spine_column(found(name).data["spine"])


def item(name: str, levels: str, **more: Any) -> Json:
    """An item as far as its name needs it."""
    return {"id": name, "procedure": "fusion", "levels": levels, "side": None, "isPlaceless": False, **more}


def names(*items: Json, unsaid: tuple[str, ...] = ()) -> Names:
    """The names of some items along T12 to S1."""
    vertebrae = [{"level": level, "kind": "vertebra"} for level in ("T12", "L1", "L2", "L3", "L4", "L5", "S1")]
    groups: Json = {key: [] for key in ("approved", "refused", "pending", "beside")}
    requested = [{"levels": "", "items": list(unsaid)}]
    return Names({"items": list(items), "spine": {"rows": vertebrae}, "requested": requested, **groups})


def test_levels_that_join_are_one_run_and_a_bone_within_it_is_not_told_again() -> None:
    told = names(item("a", "L4-L5"), item("b", "L5-S1"), item("c", "L1-L2"), item("d", "L5"), item("e", "T12"))
    assert told.levels(["a", "b", "c", "d", "e"]) == "L1-L2, L4-S1, T12"
    assert told.of(["b", "a"]) == "fusion L4-S1"


def test_sides_are_told_and_what_goes_without_saying_is_not() -> None:
    told = names(item("a", "sacroiliac joint", side="left"), item("b", "cervical spine"), unsaid=("a",))
    assert told.levels(["a"]) == "(left)"
    assert told.levels(["b"]) == "cervical spine"
