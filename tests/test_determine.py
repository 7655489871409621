"""What is part of another requested operation, and what is a second one."""

from __future__ import annotations

import pytest

from tests.asked import asked, outcomes

RODS = ":rods a spine:PosteriorInstrumentation ; case:atLevel spine:L4-L5 .\n"


@pytest.mark.parametrize(
    ("approach", "outcome"),
    [
        ("", "included"),
        (" ; case:hasApproach spine:PosteriorApproach", "included"),
        (" ; case:hasApproach spine:CombinedApproach", "included"),
        (" ; case:hasApproach spine:AnteriorApproach", "not-necessary"),
        (" ; case:hasApproach spine:LateralApproach", "not-necessary"),
    ],
)
def test_what_is_reached_from_another_side_is_no_part(approach: str, outcome: str) -> None:
    removal = f":out a spine:HardwareRemoval ; case:atLevel spine:L4-L5{approach} .\n"
    assert outcomes(asked(removal + RODS))["hardware removal"] == outcome
