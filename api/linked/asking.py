"""What can be asked of a list: words, filters, a stretch and a form, each typed and told in the contract."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

_LONGEST: Final = 200
_MOST: Final = 200
_FARTHEST: Final = 1_000_000


def _filter(what: str, example: str) -> Any:
    return Field(max_length=_LONGEST, description=f"{what} By name, IRI or address.", examples=[example])


Guideline = Annotated[str, _filter("Of this guideline only.", "lumbar-fusion")]
Appraisal = Annotated[str, _filter("Appraised so.", "unverified")]
Kind = Annotated[str, _filter("Of this kind only.", "class")]


class Page(BaseModel):
    """Which stretch of a list, in which form; what is left empty is not asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[
        str, Field(max_length=_LONGEST, description="Words that an entry must hold, all of them.", examples=["slip"])
    ] = ""
    limit: Annotated[int, Field(ge=1, le=_MOST, description="How many entries.")] = 50
    offset: Annotated[int, Field(ge=0, le=_FARTHEST, description="How many to leave out first.")] = 0
    format: Annotated[
        Literal["json", "csv", "html"] | None, Field(description="The form, whatever the header Accept says.")
    ] = None

    @classmethod
    def filters(cls) -> tuple[str, ...]:
        """The names of its filters.

        >>> Guidelines.filters(), Terms.filters()
        ((), ('kind', 'under', 'vocabulary'))
        """
        return tuple(name for name in cls.model_fields if name not in Page.model_fields)

    @property
    def wanted(self) -> dict[str, str]:
        """The filters and what is asked of each."""
        return {name: getattr(self, name) for name in self.filters()}


class Guidelines(Page):
    """Guidelines."""


class Recommendations(Page):
    """Recommendations."""

    guideline: Guideline = ""
    direction: Annotated[str, _filter("For or against.", "against")] = ""
    procedure: Annotated[str, _filter("That speak of this procedure.", "PosteriorFusion")] = ""
    region: Annotated[str, _filter("That are limited to this region.", "LumbarSpine")] = ""
    claim: Annotated[str, _filter("That rest on this claim.", "lumbar-fusion/meyerding-bands")] = ""


class Criteria(Page):
    """Criteria."""

    guideline: Guideline = ""
    form: Annotated[str, _filter("A leaf asks the record; a branch folds others.", "leaf")] = ""
    appraisal: Annotated[str, _filter("With a claim appraised so.", "unverified")] = ""
    policy: Annotated[str, _filter("That this policy requires or considers.", "aetna-cpb-0743-2016")] = ""
    claim: Annotated[str, _filter("That rest on this claim.", "lumbar-fusion/meyerding-bands")] = ""
    recommendation: Annotated[
        str, _filter("That bear on this recommendation.", "lumbar-fusion/fuse-stenosis-that-is-unstable")
    ] = ""


class Claims(Page):
    """Claims."""

    guideline: Guideline = ""
    appraisal: Appraisal = ""
    reference: Annotated[str, _filter("That cite this reference.", "koslosky-2020-meyerding")] = ""
    population: Annotated[str, _filter("About such patients.", "Spondylolisthesis")] = ""


class References(Page):
    """References."""

    guideline: Annotated[str, _filter("Cited in this guideline.", "lumbar-fusion")] = ""
    appraisal: Appraisal = ""
    type: Annotated[str, _filter("Of this type of work.", "journal-article")] = ""
    year: Annotated[str, _filter("Published in this year.", "2014")] = ""


class Policies(Page):
    """Policies."""

    kind: Annotated[str, _filter("Of this kind only.", "policy")] = ""
    territory: Annotated[str, _filter("That hold in this territory.", "England")] = ""
    plan: Annotated[str, _filter("That hold for this kind of plan.", "MedicareAdvantage")] = ""
    guideline: Annotated[str, _filter("That count this guideline.", "lumbar-fusion")] = ""
    criterion: Annotated[
        str, _filter("That require or consider this criterion.", "care-and-optimisation/function-limited")
    ] = ""
    series: Annotated[str, _filter("Editions of this series.", "nice-ng59")] = ""
    appraisal: Appraisal = ""


class Terms(Page):
    """Terms."""

    kind: Kind = ""
    under: Annotated[str, _filter("Kinds of this class, or things of it.", "Symptom")] = ""
    vocabulary: Annotated[str, _filter("Of this vocabulary.", "spine")] = ""


class Scores(Page):
    """Scoring systems."""


class Cases(Page):
    """Worked cases."""

    kind: Annotated[str, _filter("Worked cases of a guideline, or published examples.", "worked-case")] = ""
    guideline: Guideline = ""
    outcome: Annotated[str, _filter("With this outcome expected.", "not-necessary")] = ""
    answer: Annotated[str, _filter("With this answer expected of some criterion.", "disputed")] = ""
    criterion: Annotated[str, _filter("That expect something of this criterion.", "lumbar-fusion/slip-at-level")] = ""
    procedure: Annotated[str, _filter("That ask for this procedure.", "SpinalFusion")] = ""
