"""Policies have editions, dates, places and plans; one that does not fit is refused, and its subject bounds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from reasoner import GuidelineUnknown, PolicyUnfit, determine
from reasoner.anatomy import local
from reasoner.applicability import Applies, Scope, applicability_of, first_in_line, holds, in_force
from reasoner.judging import counted_under, is_subject
from reasoner.ledger import is_alike, ledger_of
from reasoner.library import Library
from reasoner.policies import Policy, choose, editions_of, is_about, unaltered
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import CASE, DCTERMS, POLICY, SKOS, SPINE, Nec
from tests.disputes import request
from tests.examples import found, library

EARLY, LATE = date(2015, 6, 1), date(2026, 6, 1)
SERIES = POLICY + "of-tests"
DISCECTOMY = library().ancestors[SPINE + "Discectomy"]


def editions() -> dict[str, Policy]:
    """A series of two editions beside the policies that there are."""
    model = next(one for one in library().policies.values() if not one.is_default)
    first = replace(
        model, iri=f"{SERIES}-1", series=SERIES, effective_from=date(2014, 1, 1), effective_until=date(2016, 12, 31)
    )
    second = replace(model, iri=f"{SERIES}-2", series=SERIES, effective_from=date(2026, 1, 1), effective_until=None)
    return {**library().policies, first.iri: first, second.iri: second}


@pytest.mark.parametrize(
    ("day", "edition"), [(EARLY, "1"), (LATE, "2"), (None, "2"), (date(2016, 12, 31), "1"), (date(2026, 1, 1), "2")]
)
def test_the_edition_in_force_is_chosen_and_without_a_day_the_latest(day: date | None, edition: str) -> None:
    assert choose(library().graph, editions(), "of-tests", day).iri == f"{SERIES}-{edition}"


def test_where_none_is_in_force_the_editions_are_listed() -> None:
    with pytest.raises(PolicyUnfit) as refused:
        choose(library().graph, editions(), "of-tests", date(2020, 1, 1))
    assert refused.value.code == "policy.not-in-force"
    assert "of-tests-1, from 2014-01-01 until 2016-12-31; of-tests-2, from 2026-01-01" in refused.value.mend


def test_the_name_of_an_edition_pins_it() -> None:
    assert choose(library().graph, editions(), "of-tests-1", LATE).iri == f"{SERIES}-1"


def test_an_unknown_name_is_told_those_there_are() -> None:
    with pytest.raises(GuidelineUnknown) as refused:
        choose(library().graph, editions(), "none-such", None)
    assert "of-tests" in refused.value.mend


def test_every_series_has_editions_that_do_not_overlap() -> None:
    policies = library().policies
    for series in {one.series for one in policies.values()}:
        listed = editions_of(policies, series)
        for one, other in pairwise(listed):
            assert one.effective_until is not None, one.iri
            assert other.effective_from is not None, other.iri
            assert one.effective_until < other.effective_from, other.iri


def test_the_default_is_always_in_force_and_speaks_of_everything() -> None:
    default = library().policy(None, EARLY)
    assert default.is_default
    assert default.concerns | default.regions | default.holds_in | default.holds_for == frozenset()


def scope(jurisdiction: str | None, line: str | None) -> Scope:
    """A scope by the local names of its territory and kind of plan."""
    return Scope(jurisdiction and CASE + jurisdiction, line and CASE + line)


@pytest.mark.parametrize(
    ("jurisdiction", "line", "verdict"),
    [
        ("UnitedStates", "CommercialPlan", Applies.YES),
        ("Texas", "EmployerFundedPlan", Applies.YES),
        (None, "CommercialPlan", Applies.MAYBE),
        ("Texas", None, Applies.MAYBE),
        (None, None, Applies.MAYBE),
        ("England", None, Applies.NO),
        ("Texas", "Medicaid", Applies.NO),
    ],
)
def test_what_holds_somewhere_for_someone_holds_for_a_request(
    jurisdiction: str | None, line: str | None, verdict: Applies
) -> None:
    wanted = {"holds_in": [CASE + "UnitedStates"], "holds_for": [CASE + "CommercialPlan"]}
    answer, reasons = holds(library(), scope(jurisdiction, line), **wanted)
    assert answer is verdict
    assert bool(reasons) is (verdict is not Applies.YES)


def test_a_wider_territory_than_that_of_a_rule_leaves_it_open() -> None:
    answer, _ = holds(library(), scope("UnitedStates", None), holds_in=[CASE + "NewYorkState"], holds_for=[])
    assert answer is Applies.MAYBE


def case_of(jurisdiction: str, line: str, day: str = "") -> bytes:
    """A small case under a territory and a kind of plan."""
    data = (library().root / "examples" / "minimal.jsonld").read_text(encoding="utf-8")
    told = f'"hasJurisdiction": "{jurisdiction}", "hasLineOfBusiness": "{line}", "hasUrgency"'
    data = data.replace('"hasUrgency"', told, 1)
    return (data.replace("2026-03-02", day) if day else data).encode()


def us_commercial() -> Policy:
    """A policy for commercial plans in the United States that speaks of discectomy."""
    wanted = {CASE + "CommercialPlan"}, {CASE + "UnitedStates"}
    return next(
        one
        for one in in_force(library(), date(2026, 3, 2))
        if wanted[0] <= one.holds_for and wanted[1] <= one.holds_in and is_about(one, DISCECTOMY, frozenset())
    )


def test_a_policy_that_certainly_does_not_apply_is_refused_by_name_and_not_when_handed_over() -> None:
    policy, data = us_commercial(), case_of("England", "PublicHealthService")
    with pytest.raises(PolicyUnfit) as refused:
        determine(library(), data, policy=policy.iri)
    assert refused.value.code == "policy.does-not-apply"
    assert "the request names England" in refused.value.what
    told = determine(library(), data, policy=policy).data["applicability"]
    assert (told["verdict"], told["jurisdiction"]) == ("does-not-apply", "England")


def test_a_policy_that_applies_is_told_with_its_edition_and_dates() -> None:
    policy = us_commercial()
    data = determine(library(), case_of("Ohio", "EmployerInsuredPlan"), policy=policy.series).data
    assert data["applicability"]["verdict"] == "applies"
    told = data["policy"]
    assert told["id"] == local(policy.iri)
    assert told["series"] == local(policy.series)
    assert told["holdsFor"] == sorted(library().label(one) for one in policy.holds_for)
    assert told["effectiveFrom"] == (policy.effective_from and str(policy.effective_from))
    assert (told["inForce"], told["chosenAs"]) == (True, "in-force")
    assert told["appraisal"] in ("verified", "unverified")


def test_nothing_named_keeps_the_default_and_names_the_policies_made_for_such_a_request() -> None:
    data = determine(library(), case_of("Ohio", "CommercialPlan")).data
    assert data["policy"]["id"] == "default"
    assert data["applicability"]["verdict"] == "applies"
    assert determine(library(), case_of("England", "PublicHealthService")).data["policy"]["id"] == "default"


def test_the_ledger_leaves_out_what_does_not_apply() -> None:
    rows = ledger_of(determine(library(), case_of("England", "PublicHealthService")).decision)
    assert {row["applies"] for row in rows} <= {"applies", "may-apply"}
    assert not [row for row in rows if CASE + "CommercialPlan" in library().policies[POLICY + row["policy"]].holds_for]


def subject_policy() -> Policy:
    """A policy whose own demands bear on discectomy alone, and ask everything that is merely considered."""
    considered = {c for one in library().recommendations for c in one.considerations}
    return replace(
        library().policy(None),
        iri=POLICY + "of-tests",
        series=POLICY + "of-tests",
        requires=frozenset(considered),
        concerns=frozenset({SPINE + "Discectomy"}),
        is_default=False,
    )


def test_the_demands_of_a_policy_bear_on_its_subject_alone() -> None:
    policy, default = subject_policy(), library().policy(None)
    mine = {one.recommendation.iri: one for one in counted_under(library(), policy).effective}
    discectomy = SPINE + "Discectomy"
    changed = {
        one.recommendation.iri
        for one in counted_under(library(), default).effective
        if mine[one.recommendation.iri] != one
    }
    assert changed
    for iri in changed:
        concerns = next(one.concerns for one in library().recommendations if one.iri == iri)
        assert any(library().is_a(discectomy, c) or library().is_a(c, discectomy) for c in concerns)


def test_a_policy_that_speaks_of_nothing_requested_changes_nothing_and_says_so() -> None:
    decision = found("l2-burst-metastasis").decision
    elsewhere = replace(subject_policy(), concerns=frozenset({SPINE + "DiscReplacement"}))
    again = determine(library(), decision.case, policy=elsewhere)
    assert [one.outcome for one in again.decision.items] == [one.outcome for one in decision.items]
    told = again.data["applicability"]
    assert told["verdict"] == "may-apply"
    assert "professional guidance" in told["reasons"][0]
    assert set(told["outside"]) == {one.item.id for one in decision.items}
    assert is_alike(decision, elsewhere)
    assert unaltered(elsewhere).requires == frozenset()


def test_what_comes_first_is_named_where_it_may_apply() -> None:
    decision = found("degenerative-t12-s2").decision
    items = [one.item for one in decision.items]
    first = replace(library().policy(None), yields_to=(us_commercial().series,))
    listed = first_in_line(library(), first, scope("Ohio", "CommercialPlan"), items, None)
    assert [(one.series, verdict) for one, verdict, _ in listed] == [(us_commercial().series, Applies.YES)]
    assert first_in_line(library(), first, scope("England", None), items, None) == []
    assert first_in_line(library(), first, scope("Ohio", "CommercialPlan"), items, date(1990, 1, 1)) == []


def test_every_series_has_one_edition_in_force_at_most() -> None:
    for day in (None, EARLY, LATE):
        chosen = in_force(library(), day)
        assert len({one.series for one in chosen}) == len(chosen)


def test_what_policies_name_is_written() -> None:
    known = {one.series for one in library().policies.values()}
    for policy in library().policies.values():
        assert set(policy.yields_to) <= known, policy.iri
        assert policy.concerns <= library().procedures.keys(), policy.iri
        assert (policy.holds_in | policy.holds_for) <= library().graph.index.keys(), policy.iri
        note = library().graph.text(policy.iri, SKOS + "editorialNote")
        if library().graph.nodes(policy.iri, DCTERMS + "source"):
            assert library().graph.nodes(policy.iri, Nec.hasAppraisal), policy.iri
            assert policy.edition or "ndated" in note, policy.iri
            assert "ot encoded" in note or "othing beyond" in note or "not asked here" in note, policy.iri


def test_a_policy_whose_criteria_are_not_open_is_refused_with_that_reason() -> None:
    closed = library().graph.subjects(RDF_TYPE, Nec.UncheckablePolicy)
    assert closed
    for iri in closed:
        with pytest.raises(PolicyUnfit) as refused:
            library().policy(local(iri))
        assert refused.value.code == "policy.not-checkable"
        assert iri not in library().policies


def test_applicability_of_no_items_is_that_of_the_scope() -> None:
    assert applicability_of(library(), us_commercial(), scope("Ohio", "CommercialPlan"), []).verdict is Applies.YES


def test_a_library_gives_a_policy_of_a_day() -> None:
    assert isinstance(library(), Library)
    dated = next(one for one in library().policies.values() if one.effective_from)
    with pytest.raises(PolicyUnfit):
        library().policy(local(dated.series), date(1990, 1, 1))


@pytest.mark.parametrize(
    ("name", "day", "edition"),
    [
        ("aetna-cpb-0743", date(2019, 5, 1), "aetna-cpb-0743-2016"),
        ("aetna-cpb-0743", date(2026, 3, 2), "aetna-cpb-0743-2026"),
        ("aetna-cpb-0743", None, "aetna-cpb-0743-2026"),
        ("aetna-cpb-0743-2016", date(2026, 3, 2), "aetna-cpb-0743-2016"),
        ("washington-lumbar-fusion", date(2016, 3, 6), "washington-lumbar-fusion-2009"),
        ("washington-lumbar-fusion", date(2016, 3, 7), "washington-lumbar-fusion-2016"),
        ("nice-ng59", date(2018, 1, 1), "nice-ng59-2016"),
        (None, date(1999, 1, 1), "default"),
    ],
)
def test_a_named_policy_is_the_edition_of_its_day(name: str | None, day: date | None, edition: str) -> None:
    assert local(library().policy(name, day).iri) == edition


def test_a_retired_determination_is_in_force_no_more() -> None:
    assert library().policy("cms-lcd-l33382", date(2024, 3, 28))
    with pytest.raises(PolicyUnfit) as refused:
        library().policy("cms-lcd-l33382", date(2024, 3, 29))
    assert "until 2024-03-28" in refused.value.mend


def test_a_medicare_plan_puts_the_public_determination_first() -> None:
    rows = request("case:hasJurisdiction case:Georgia ; case:hasLineOfBusiness case:MedicareAdvantage ;")
    rows = rows.replace(b"spine:Discectomy", b"spine:PosteriorFusion")
    found = determine(library(), rows, policy="aetna-cpb-0743")
    (first,) = found.data["applicability"]["first"]
    assert (first["id"], first["verdict"]) == ("cms-lcd-l37848", "applies")
    assert first["items"] == [one.item.id for one in found.decision.items]
    assert [row["policy"] for row in found.full["ledger"] if row["comesFirst"]] == ["cms-lcd-l37848"]
    commercial = rows.replace(b"case:MedicareAdvantage", b"case:CommercialPlan")
    assert determine(library(), commercial, policy="aetna-cpb-0743").data["applicability"]["first"] == []


def test_every_demand_of_a_policy_is_asked_by_something_within_its_subject() -> None:
    for policy in library().policies.values():
        within = [one for one in library().recommendations if is_subject(library(), policy, one)]
        asked = {c for one in within for c in (*one.considerations, *one.prerequisites)}
        assert policy.requires <= asked, (policy.iri, policy.requires - asked)


def test_what_a_record_takes_from_proprietary_criteria_cannot_be_checked() -> None:
    more = (
        '<> case:hasDocument :denial . :denial a case:PriorDetermination ; case:writtenOn "2026-02-20"^^xsd:date ; '
        'case:makesCitation [ a case:Citation ; case:marker "1" ; case:refersTo ref:mcg-care-guidelines ] .'
    )
    (row,) = determine(library(), request(more=more)).data["appraisals"]
    assert row["appraisal"] == "not-checkable"
    assert "no rule of it is rebuilt" in row["reason"]
