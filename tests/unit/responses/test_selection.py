"""Which variation of a response is said."""

from collections.abc import Sequence

import pytest

from duologue.core.domain import SlotCondition, Variation
from duologue.core.values import SlotValue
from duologue.responses.selection import select_variation

PLAIN = Variation(text="plain")
VOICE = Variation(text="voice", channel="voice")
VIP = Variation(text="vip", condition="slots.is_vip")
VOICE_VIP = Variation(text="voice vip", channel="voice", condition="slots.is_vip")
ALL = [PLAIN, VOICE, VIP, VOICE_VIP]


def select(variations: Sequence[Variation], *, channel: str = "rest", **slots: SlotValue) -> str | None:
    found = select_variation(
        variations, slots=slots, context={"mood": "good"}, channel=channel, choose=lambda among: among[-1]
    )
    return found.text if found else None


@pytest.mark.parametrize(
    ("channel", "is_vip", "text"),
    [
        ("voice", True, "voice vip"),
        ("voice", False, "voice"),
        ("rest", True, "vip"),
        ("rest", False, "plain"),
        ("rest", None, "plain"),
    ],
)
def test_channel_and_condition_come_before_channel_before_condition_before_neither(
    channel: str, is_vip: bool | None, text: str
) -> None:
    assert select(ALL, channel=channel, is_vip=is_vip) == text


def test_nothing_fits_where_only_other_channels_or_false_conditions_are() -> None:
    assert select([VOICE, VIP], is_vip=False) is None
    assert select([]) is None


def test_among_equals_the_choice_is_made_by_the_chooser() -> None:
    assert select([PLAIN, VOICE, Variation(text="other")]) == "other"


@pytest.mark.parametrize(("tier", "text"), [("gold", "gold only"), ("silver", "plain"), (None, "plain")])
def test_the_older_form_of_a_condition_wants_all_of_its_slots(tier: str | None, text: str) -> None:
    wanted = (SlotCondition(name="tier", value="gold"), SlotCondition(name="is_vip", value=True))
    gold = Variation(text="gold only", condition=wanted)
    assert select([PLAIN, gold], tier=tier, is_vip=True) == text
    assert select([PLAIN, gold], tier=tier, is_vip=False) == "plain"


def test_a_condition_may_look_at_the_context() -> None:
    assert select([PLAIN, Variation(text="good", condition="context.mood = 'good'")]) == "good"
