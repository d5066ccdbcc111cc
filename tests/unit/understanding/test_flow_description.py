"""What a flow's description says it is for, and what not."""

import pytest

from duologue.understanding.flow_description import read_description


@pytest.mark.parametrize(
    ("description", "kept", "dropped"),
    [
        ("Finds cash machines. Does not apply to card problems.", "Finds cash machines.", "card problems"),
        ("Asks about fees. Excludes fraud.", "Asks about fees.", "fraud"),
        ("Reports theft, not billing questions.", "Reports theft", "billing"),
        ("Orders a card. Never start this for lost cards.", "Orders a card.", "lost"),
        ("Sperrt Karten. Gilt nicht für Konten.", "Sperrt Karten.", "Konten"),
    ],
)
def test_exclusions_are_set_apart(description: str, kept: str, dropped: str) -> None:
    parts = read_description(description)
    assert kept in parts.positive
    assert dropped not in parts.positive
    assert dropped in parts.negative


def test_quoted_phrases_are_examples() -> None:
    parts = read_description(
        "Looks for machines. Typical phrases are “find an ATM” and 'get cash', but not “lost card”."
    )
    assert parts.phrases == ("find an ATM", "get cash")


def test_an_apostrophe_is_no_quote() -> None:
    assert read_description("Shows the user's accounts and the bank's rates").phrases == ()
