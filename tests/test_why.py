"""The whole tree of every item: branches by number, each told once, true to what was decided."""

from __future__ import annotations

from typing import Any

import pytest

from reasoner.why import tree_of
from tests.examples import NAMES, found

Json = dict[str, Any]


@pytest.mark.parametrize("name", NAMES)
def test_every_recommendation_of_every_item_is_there(name: str) -> None:
    decision = found(name).decision
    tree = tree_of(decision)
    for one in decision.items:
        told = [(row["recommendation"], row["answer"]) for row in tree["items"][one.item.id]]
        judged = [*one.judged, *one.set_aside]
        assert told == [(j.verdict.recommendation, j.verdict.answer.value) for j in judged]


@pytest.mark.parametrize("name", NAMES)
def test_everything_named_is_in_its_table_and_no_two_branches_are_alike(name: str) -> None:
    tree = tree_of(found(name).decision)
    for branch in tree["branches"]:
        assert branch["criterion"] in tree["criteria"]
        assert all(0 <= part < len(tree["branches"]) for part in branch["of"])
        assert all(one["node"] in tree["statements"] for one in branch["evidence"])
    assert all(claim in tree["claims"] for one in tree["criteria"].values() for claim in one["claims"])
    assert len({repr(branch) for branch in tree["branches"]}) == len(tree["branches"])


def test_a_branch_answers_as_the_determination_does() -> None:
    """Each deciding criterion of an item stands in its tree with the same answer."""
    determination = found("degenerative-t12-s2")
    tree = tree_of(determination.decision)
    for item in determination.data["items"]:
        told = {
            (tree["branches"][number]["criterion"], tree["branches"][number]["answer"])
            for row in tree["items"][item["id"]]
            for number in (
                *row["indications"],
                *row["exclusions"],
                *row["considerations"],
                *(one["branch"] for one in row["prerequisites"]),
                *(waiver for one in row["prerequisites"] for waiver in one["waivers"]),
            )
        }
        decided = {(e["criterion"], e["answer"]) for key in ("because", "against", "open") for e in item[key]}
        assert decided <= told


def test_the_tree_is_the_same_each_time() -> None:
    decision = found("l1-sarcoma-second-stage").decision
    assert tree_of(decision) == tree_of(decision)
