"""Policies side by side: every outcome is that of the policy alone, and every difference names what makes it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from reasoner import PolicyUnfit, determine, read_case
from reasoner.case import Case
from reasoner.comparison import LEAST, MOST, comparison_of
from reasoner.ledger import ledger_of
from tests.examples import NAMES, library

Json = dict[str, Any]

RECORDS: Final = Path(__file__).parent / "records"
POLICIES: Final = ("default", "aetna-cpb-0743", "companion-cam-161", "cms-lcd-l33382", "nice-ng59", "mcg")


@cache
def case(name: str) -> Case:
    """A published example or a record, read once."""
    path = RECORDS / f"{name}.ttl" if name.startswith("dro-") else library().root / "examples" / f"{name}.ttl"
    return read_case(path.read_bytes(), schema=library().schema)


@cache
def compared(name: str, policies: tuple[str, ...] = POLICIES) -> Json:
    """A case under some policies."""
    return comparison_of(library(), case(name), policies)


@pytest.mark.parametrize("name", [*NAMES, "dro-492592", "dro-512080"])
def test_each_column_is_what_the_policy_says_alone(name: str) -> None:
    data = compared(name)
    for index, column in enumerate(data["columns"]):
        if column["refused"]:
            assert all(row["outcomes"][index] is None for row in data["items"])
            continue
        alone = determine(library(), case(name), policy=column["name"]).data
        assert (column["outcome"], column["action"]) == (alone["outcome"], alone["action"])
        assert column["policy"] == alone["policy"]
        told = {row["id"]: row["outcomes"][index] for row in data["items"]}
        for item in alone["items"]:
            assert told[item["id"]] == {"outcome": item["outcome"], "grounds": item["grounds"]}


@pytest.mark.parametrize("name", [*NAMES, "dro-492592", "dro-506306", "dro-512080"])
def test_every_difference_is_told_with_what_makes_it_and_its_claims(name: str) -> None:
    data = compared(name)
    rows = {row["id"]: row for row in data["items"]}
    for index, column in enumerate(data["columns"]):
        differing = {item for row in column["differs"] for item in row["items"]}
        base = [one["name"] for one in data["columns"]].index(data["base"])
        assert differing == {
            item
            for item, row in rows.items()
            if row["outcomes"][index] is not None and row["outcomes"][index] != row["outcomes"][base]
        }
        for row in column["differs"]:
            assert row["because"] or row["moved"] or row["otherwise"]
            for reason in (*row["because"], *row["moved"]):
                assert set(reason["claims"]) <= data["claims"].keys()
                assert reason["label"]
                assert reason["text"]
    for claim in data["claims"].values():
        assert claim["text"]
        assert claim["appraisal"]


def test_the_reasons_are_those_of_the_ledger() -> None:
    found = {row["name"]: row for row in compared("dro-492592")["columns"]}
    for line in ledger_of(determine(library(), case("dro-492592")).decision):
        column = next((one for one in found.values() if one["policy"]["id"] == line["policy"]), None)
        for difference in line["differs"] if column else ():
            row = next(one for one in (column or {})["differs"] if difference["item"] in one["items"])
            mine = {reason["term"] for reason in row["because"]}
            assert mine == {one.get("criterion") or one["recommendation"] for one in difference["because"]}


def test_a_policy_that_cannot_be_used_is_a_column_with_its_reason() -> None:
    names = ("mcg", "no-such-policy", "default", "aetna-cpb-0743")
    data = compared("l2-burst-metastasis", names)
    codes = [column["refused"] and column["refused"]["code"] for column in data["columns"]]
    assert codes == ["policy.not-checkable", "policy.unknown", None, None]
    assert data["base"] == "default"
    assert data["columns"][0]["policy"]["label"] == "MCG care guidelines"


def test_where_no_policy_can_be_used_nothing_is_told_of_the_items() -> None:
    data = compared("l2-burst-metastasis", ("mcg", "interqual"))
    assert (data["base"], data["items"], data["claims"]) == (None, [], {})


def test_a_policy_compared_with_itself_differs_in_nothing() -> None:
    data = compared("degenerative-t12-s2", ("nice-ng59", "nice-ng59-2020"))
    assert not any(row["differs"] for row in data["items"])
    assert [column["differs"] for column in data["columns"]] == [[], []]


@pytest.mark.parametrize("count", [0, LEAST - 1, MOST + 1])
def test_too_few_or_too_many_are_refused(count: int) -> None:
    names = sorted(iri.rpartition("#")[2] for iri in library().policies)[:count]
    with pytest.raises(PolicyUnfit) as refused:
        comparison_of(library(), case("l2-burst-metastasis"), names)
    assert refused.value.code == "comparison.count"


def test_the_same_policy_named_twice_counts_once() -> None:
    with pytest.raises(PolicyUnfit):
        comparison_of(library(), case("l2-burst-metastasis"), ["default", "default"])


def test_the_order_of_columns_is_that_asked_for_and_the_data_is_plain() -> None:
    data = compared("t12-destructive-mass", ("nice-ng234", "default"))
    assert [column["name"] for column in data["columns"]] == ["nice-ng234", "default"]
    assert json.loads(json.dumps(data)) == data
