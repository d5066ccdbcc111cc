"""Values that a first message gives unasked."""

from datetime import date

import pytest

from duologue.understanding.answers.answer import AnswerValue
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.choice import Choice
from duologue.understanding.slot_spotter import SlotText, spot_slots

WEDNESDAY = date(2025, 11, 5)
TRANSFER = (
    SlotText(name="account_from", kind=AnswerKind.IDENTIFIER),
    SlotText(name="payee_name", kind=AnswerKind.PERSON_NAME),
    SlotText(name="amount", kind=AnswerKind.AMOUNT),
    SlotText(name="timing", kind=AnswerKind.CHOICE, choices=(Choice(value="now"), Choice(value="future"))),
    SlotText(name="payment_date", kind=AnswerKind.DATE),
    SlotText(name="confirmed", kind=AnswerKind.YES_NO),
)
TRIP = (
    SlotText(name="from_city", kind=AnswerKind.FREE_TEXT),
    SlotText(name="to_city", kind=AnswerKind.FREE_TEXT),
    SlotText(name="num_people", kind=AnswerKind.NUMBER),
    SlotText(name="departure_time", kind=AnswerKind.TIME),
)


def _spot(text: str, slots: tuple[SlotText, ...], language: str = "en") -> dict[str, AnswerValue]:
    return {
        each.slot: each.value
        for each in spot_slots(text, slots=slots, languages=(language,), today=WEDNESDAY)
    }


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        (
            "I want to move 55 to Amy from savings right now",
            "en",
            {"amount": 55, "payee_name": "Amy", "account_from": "savings", "timing": "now"},
        ),
        (
            "pay $30.50 to Bob Smith on 12/12/2025 from 12345678",
            "en",
            {
                "amount": 30.5,
                "payee_name": "Bob Smith",
                "payment_date": "12/12/2025",
                "account_from": "12345678",
            },
        ),
        (
            "send twenty euros to jane doe tomorrow",
            "en",
            {"amount": 20, "payee_name": "jane doe", "payment_date": "2025-11-06"},
        ),
        ("transfer 999 from my current account", "en", {"amount": 999, "account_from": "current"}),
        ("I want to transfer money", "en", {}),
        (
            "überweise 50 Euro an Anna von meinem Girokonto",
            "de",
            {"amount": 50, "payee_name": "Anna", "account_from": "Girokonto"},
        ),
    ],
)
def test_a_transfer_is_spotted(text: str, language: str, values: dict[str, AnswerValue]) -> None:
    assert _spot(text, TRANSFER, language) == values


def test_both_ends_of_a_trip_are_told_apart() -> None:
    assert _spot("fly from Berlin to New York with 2 people at 7pm", TRIP) == {
        "from_city": "Berlin",
        "to_city": "New York",
        "num_people": 2,
        "departure_time": "7pm",
    }


def test_two_candidates_for_one_slot_fill_none() -> None:
    assert _spot("send 5 to Anna and 6 to Bob", TRANSFER) == {}


def test_two_listed_values_fill_none() -> None:
    reason = SlotText(
        name="reason", kind=AnswerKind.CHOICE, choices=(Choice(value="lost"), Choice(value="stolen"))
    )
    assert _spot("my card was lost or stolen", (reason,)) == {}
    assert _spot("I think my card was stolen", (reason,)) == {"reason": "stolen"}


def test_a_value_is_matched_as_a_word_not_as_letters() -> None:
    size = SlotText(name="size", kind=AnswerKind.CHOICE, choices=(Choice(value="art"), Choice(value="pop")))
    assert _spot("start a party", (size,)) == {}


def test_a_value_on_the_wrong_side_is_left_alone() -> None:
    source = SlotText(
        name="account_from",
        kind=AnswerKind.CHOICE,
        choices=(Choice(value="savings"), Choice(value="checking")),
    )
    assert _spot("move money to my savings", (source,)) == {}
    assert _spot("move money from my savings", (source,)) == {"account_from": "savings"}


def test_a_number_goes_to_the_slot_that_names_it() -> None:
    slots = (
        SlotText(name="number_of_guests", kind=AnswerKind.NUMBER),
        SlotText(name="number_of_rooms", kind=AnswerKind.NUMBER),
    )
    assert _spot("2 rooms for 5 guests", slots) == {"number_of_rooms": 2, "number_of_guests": 5}


def test_a_handle_and_an_email_address_find_their_slots() -> None:
    slots = (
        SlotText(name="handle", kind=AnswerKind.IDENTIFIER),
        SlotText(name="email", kind=AnswerKind.EMAIL),
    )
    assert _spot("add @jo with jo@example.org", slots) == {"handle": "@jo", "email": "jo@example.org"}


STAY = (
    SlotText(name="city", kind=AnswerKind.FREE_TEXT),
    SlotText(name="check_in_date", kind=AnswerKind.DATE),
    SlotText(name="check_out_date", kind=AnswerKind.DATE),
    SlotText(name="nights", kind=AnswerKind.NUMBER),
    SlotText(name="guests", kind=AnswerKind.NUMBER),
    SlotText(name="room_number", kind=AnswerKind.IDENTIFIER),
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a room in Berlin for 3 nights for two people", {"city": "Berlin", "nights": 3, "guests": 2}),
        ("from March 9th to March 14th", {"check_in_date": "2026-03-09", "check_out_date": "2026-03-14"}),
        ("until the 12th", {"check_out_date": "2025-11-12"}),
        ("breakfast for room 214", {"room_number": "214"}),
        ("I live at 659 Merchant Street", {}),
    ],
)
def test_what_stands_beside_a_value_tells_its_slot(text: str, values: dict[str, AnswerValue]) -> None:
    assert _spot(text, STAY) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("he's called Toby and he's 19", {"driver_name": "Toby", "driver_age": 19}),
        ("I want my wife Dana, 34, on the policy", {"driver_name": "Dana", "driver_age": 34}),
        ("send bob 25 dollars", {"driver_name": "bob"}),
        ("find a movie to watch", {}),
    ],
)
def test_people_are_named_and_their_age_told(text: str, values: dict[str, AnswerValue]) -> None:
    slots = (
        SlotText(name="driver_name", kind=AnswerKind.PERSON_NAME),
        SlotText(name="driver_age", kind=AnswerKind.NUMBER),
        SlotText(name="licence_years", kind=AnswerKind.NUMBER),
    )
    assert _spot(text, slots) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("I left it on the number 5 bus, did anyone find it?", {"lost_place": "number 5 bus"}),
        ("a tree came down across the path at the pond", {"lost_place": "path at the pond"}),
        ("I lost it at the weekend", {}),
    ],
)
def test_a_place_may_be_described(text: str, values: dict[str, AnswerValue]) -> None:
    assert _spot(text, (SlotText(name="lost_place", kind=AnswerKind.FREE_TEXT),)) == values


def test_a_number_with_its_unit_names_a_listed_value() -> None:
    pack = SlotText(
        name="pack_size",
        kind=AnswerKind.CHOICE,
        choices=(Choice(value="1 GB"), Choice(value="5 GB"), Choice(value="10 GB")),
    )
    assert _spot("can I get another five gigs for now", (pack,)) == {"pack_size": "5 GB"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("zweimal Schnitzel bitte", {"gericht": "Schnitzel", "menge": 2}),
        ("ich möchte etwas bestellen, Pilzpfanne", {"gericht": "Pilzpfanne"}),
    ],
)
def test_a_thing_may_be_named_without_an_article(text: str, values: dict[str, AnswerValue]) -> None:
    slots = (
        SlotText(name="gericht", kind=AnswerKind.FREE_TEXT),
        SlotText(name="menge", kind=AnswerKind.NUMBER),
    )
    found = {each.slot: each.value for each in spot_slots(text, slots=slots, languages=("de",))}
    assert found == values
