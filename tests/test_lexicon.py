"""What a note says in plain words leads to the term of the vocabulary."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from reasoner.lexicon import words_for
from reasoner.library import Library
from reasoner.shell import app


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("physical therapy", "PhysicalTherapy"),
        ("pars defects", "Spondylolysis"),
        ("ACDF", "AnteriorCervicalDiscectomyAndFusion"),
        ("home exercise program", "HomeExercise"),
        ("moderate to severe", "ModerateToSevere"),
        ("neurogenic claudication", "NeurogenicClaudication"),
    ],
)
def test_plain_words_lead_to_the_term(library: Library, said: str, name: str) -> None:
    assert words_for(library, said)[0].name == name


def test_only_what_a_case_may_say_is_found(library: Library) -> None:
    assert all(word.kind != "value of reliesOnClaim" for word in words_for(library, "conservative care failed"))


def test_a_word_among_others_still_leads_somewhere(library: Library) -> None:
    assert any(word.name == "Hand" for word in words_for(library, "numb hand"))


def test_the_command_says_when_there_is_no_term() -> None:
    found = CliRunner().invoke(app, ["words", "zzzz"])
    assert found.exit_code == 1
    assert "No term has these words" in found.stdout
