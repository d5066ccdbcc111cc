"""The demo bank's actions, called as the platform calls them: JSON in, events and messages out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine

from duologue.sdk.executor import ActionExecutor
from duologue.sdk.payloads import ActionResult

TODAY = date(2031, 3, 14)
GERMAN_IBAN = "DE89 3704 0044 0532 0130 00"


class BankConversation:
    """One customer who runs actions; the slots they set stay, as in a tracker."""

    def __init__(self, executor: ActionExecutor, sender_id: str = "ada") -> None:
        self.executor = executor
        self.sender_id = sender_id
        self.slots: dict[str, Any] = {}

    async def run(self, action: str, *, key: str | None = None, **slots: Any) -> ActionResult:
        self.slots |= slots
        result = await self.executor.run(
            {
                "next_action": action,
                "sender_id": self.sender_id,
                "tracker": {"sender_id": self.sender_id, "slots": self.slots},
                "idempotency_key": key,
            }
        )
        self.slots |= {event["name"]: event["value"] for event in result["events"]}
        return result

    async def balance_of(self, account: str) -> float:
        await self.run("action_load_balances", balance_account=account)
        return self.slots["balances"][0]["balance"]

    async def transfer(
        self, amount: float, *, key: str | None = None, recipient: str = "Anna Keller"
    ) -> str | None:
        await self.run("action_find_recipient", transfer_recipient=recipient)
        await self.run("action_execute_transfer", key=key, transfer_amount=amount)
        return self.slots["transfer_reference"]


def responses_of(result: ActionResult) -> list[str]:
    return [message["response"] for message in result["responses"]]


def buttons_of(result: ActionResult) -> list[dict[str, str]]:
    return result["responses"][0]["buttons"]


def start_executor(repository: Path) -> ActionExecutor:
    executor = ActionExecutor(threads=4)
    executor.register_package("actions", root=repository / "examples" / "bank")
    return executor


@pytest.fixture
async def executor(repository: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ActionExecutor]:
    monkeypatch.setenv("BANK_DB", ":memory:")
    executor = start_executor(repository)
    with time_machine.travel(TODAY, tick=False):
        yield executor
    executor.close()


@pytest.fixture
def ada(executor: ActionExecutor) -> BankConversation:
    return BankConversation(executor)


async def test_all_accounts_are_shown_unless_one_is_named(ada: BankConversation) -> None:
    await ada.run("action_load_balances", balance_account="all")
    assert ada.slots["balances"] == [
        {"kind": "current", "balance": 2450.75},
        {"kind": "savings", "balance": 8200.0},
    ]
    assert await ada.balance_of("savings") == 8200.0


async def test_the_newest_transactions_come_first(ada: BankConversation) -> None:
    await ada.run("action_load_transactions", transactions_account="current")
    transactions = ada.slots["recent_transactions"]
    assert transactions[0] == {"day": "2031-03-13", "counterparty": "Corner Bakery", "amount": -6.4}
    assert [entry["day"] for entry in transactions] == sorted(
        (entry["day"] for entry in transactions), reverse=True
    )


async def test_a_transfer_moves_the_money_and_appears_among_the_transactions(ada: BankConversation) -> None:
    reference = await ada.transfer(50.0)
    assert reference is not None
    assert await ada.balance_of("current") == 2400.75
    await ada.run("action_load_transactions", transactions_account="current")
    assert ada.slots["recent_transactions"][0] == {
        "day": "2031-03-14",
        "counterparty": "Anna Keller",
        "amount": -50.0,
    }


async def test_a_repeated_transfer_with_the_same_key_moves_money_once(ada: BankConversation) -> None:
    first = await ada.transfer(50.0, key="ada/3/2")
    again = await ada.transfer(50.0, key="ada/3/2")
    other = await ada.transfer(50.0, key="ada/9/2")
    assert again == first != other
    assert await ada.balance_of("current") == 2350.75


async def test_a_transfer_to_the_own_savings_account_arrives_there(ada: BankConversation) -> None:
    await ada.transfer(100.0, recipient="My savings account")
    assert await ada.balance_of("current") == 2350.75
    assert await ada.balance_of("savings") == 8300.0


@pytest.mark.parametrize("amount", [2450.76, 5000.01, 0, -5.0])
async def test_a_transfer_that_is_not_possible_changes_nothing(ada: BankConversation, amount: float) -> None:
    assert await ada.transfer(amount) is None
    assert await ada.balance_of("current") == 2450.75


async def test_the_daily_limit_counts_what_was_sent_today(ada: BankConversation) -> None:
    await ada.transfer(2000.0)
    await ada.run("action_check_funds", transfer_amount=3000.01)
    assert ada.slots["funds_status"] == "over_daily_limit"
    assert ada.slots["left_to_send_today"] == 3000.0
    await ada.run("action_check_funds", transfer_amount=1000.0)
    assert ada.slots["funds_status"] == "too_little"
    await ada.run("action_check_funds", transfer_amount=450.75)
    assert ada.slots["funds_status"] == "enough"


async def test_each_conversation_has_a_customer_of_its_own(executor: ActionExecutor) -> None:
    ada, bob = BankConversation(executor, "ada"), BankConversation(executor, "bob")
    await ada.transfer(50.0)
    assert await bob.balance_of("current") == 2450.75


async def test_a_part_of_a_name_finds_the_payee(ada: BankConversation) -> None:
    await ada.run("action_find_recipient", transfer_recipient="anna")
    assert ada.slots["recipient_status"] == "known"
    assert ada.slots["transfer_recipient"] == "Anna Keller"


async def test_a_name_of_two_payees_is_not_guessed(ada: BankConversation) -> None:
    await ada.run("action_find_recipient", transfer_recipient="Ben")
    assert ada.slots["recipient_status"] == "several"
    assert ada.slots["recipient_candidates"] == "Ben Okafor / Ben Lindqvist"


async def test_an_unknown_recipient_never_inherits_the_iban_of_another(ada: BankConversation) -> None:
    await ada.run("action_find_recipient", transfer_recipient="Anna")
    assert ada.slots["transfer_iban"]
    await ada.run("action_find_recipient", transfer_recipient="Clara")
    assert ada.slots["recipient_status"] == "unknown"
    assert ada.slots["transfer_iban"] is None


async def test_the_payees_are_offered_as_buttons(ada: BankConversation) -> None:
    result = await ada.run("action_ask_transfer_recipient")
    assert responses_of(result) == ["utter_choose_transfer_recipient"]
    assert buttons_of(result)[0] == {
        "title": "Anna Keller",
        "payload": "/SetSlots(transfer_recipient=Anna Keller)",
    }


@pytest.mark.parametrize("text", [GERMAN_IBAN, "de89370400440532013000", "GB82 WEST 1234 5698 7654 32"])
async def test_a_valid_iban_is_kept_in_groups_of_four(ada: BankConversation, text: str) -> None:
    result = await ada.run("validate_transfer_iban", transfer_iban=text)
    assert responses_of(result) == []
    assert ada.slots["transfer_iban"].replace(" ", "") == text.replace(" ", "").upper()
    assert " " in ada.slots["transfer_iban"]


@pytest.mark.parametrize("text", ["DE89 3704 0044 0532 0130 01", "12345678", "my usual account", ""])
async def test_a_wrong_iban_is_refused(ada: BankConversation, text: str) -> None:
    result = await ada.run("validate_transfer_iban", transfer_iban=text)
    assert responses_of(result) == ["utter_iban_invalid"]
    assert ada.slots["transfer_iban"] is None


async def test_a_saved_payee_can_get_money(ada: BankConversation) -> None:
    await ada.run("action_add_payee", payee_name="Clara Vogt, Garage (Oak)", payee_iban=GERMAN_IBAN)
    assert ada.slots["payee_saved"] is True
    result = await ada.run("action_ask_transfer_recipient")
    # A comma or bracket inside the payload would cut the value short.
    assert buttons_of(result)[-1]["payload"] == "/SetSlots(transfer_recipient=Clara Vogt Garage Oak)"
    assert await ada.transfer(20.0, recipient="Clara Vogt Garage Oak") is not None


async def test_saving_the_same_iban_again_renames_the_payee(ada: BankConversation) -> None:
    await ada.run("action_add_payee", payee_name="Clara", payee_iban=GERMAN_IBAN)
    await ada.run("action_add_payee", payee_name="Clara Vogt", payee_iban=GERMAN_IBAN)
    titles = [button["title"] for button in buttons_of(await ada.run("action_ask_transfer_recipient"))]
    assert [title for title in titles if "Clara" in title] == ["Clara Vogt"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2031-04-01", "2031-04-01"),
        ("2031-04-01T00:00:00.000+02:00", "2031-04-01"),
        ("1.4.2031", "2031-04-01"),
        ("01/04/31", "2031-04-01"),
        ("tomorrow", "2031-03-15"),
        ("übermorgen", "2031-03-16"),
        ("in 2 weeks", "2031-03-28"),
        ("the 1st of next month", "2031-04-01"),
        ("1 January", "2032-01-01"),
        ("on April 3rd", "2031-04-03"),
        ("am 3. März 2032", "2032-03-03"),
        ("24.12.", "2031-12-24"),
    ],
)
async def test_a_first_date_is_kept_as_an_iso_date(ada: BankConversation, text: str, day: str) -> None:
    await ada.run("validate_standing_order_first_date", standing_order_first_date=text)
    assert ada.slots["standing_order_first_date"] == day


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("today", "utter_first_date_not_in_future"),
        ("2020-01-01", "utter_first_date_not_in_future"),
        ("30 February", "utter_date_not_understood"),
        ("2031-13-01", "utter_date_not_understood"),
        ("soon", "utter_date_not_understood"),
    ],
)
async def test_a_first_date_that_does_not_fit_is_refused(
    ada: BankConversation, text: str, answer: str
) -> None:
    result = await ada.run("validate_standing_order_first_date", standing_order_first_date=text)
    assert responses_of(result) == [answer]
    assert ada.slots["standing_order_first_date"] is None


async def test_a_standing_order_is_set_up_once_for_a_key(ada: BankConversation) -> None:
    order = {
        "standing_order_recipient": "Riverside Gym",
        "standing_order_amount": 35.0,
        "standing_order_frequency": "monthly",
        "standing_order_first_date": "2031-04-01",
    }
    await ada.run("action_create_standing_order", key="ada/5/1", **order)
    first = ada.slots["standing_order_reference"]
    await ada.run("action_create_standing_order", key="ada/5/1", **order)
    assert ada.slots["standing_order_reference"] == first
    await ada.run("action_create_standing_order", key="ada/8/1", **order)
    assert ada.slots["standing_order_reference"] != first


@pytest.mark.parametrize(
    ("text", "answer"),
    [("Ben", "utter_standing_order_recipient_several"), ("Nobody", "utter_standing_order_recipient_unknown")],
)
async def test_a_standing_order_needs_one_saved_payee(ada: BankConversation, text: str, answer: str) -> None:
    result = await ada.run("validate_standing_order_recipient", standing_order_recipient=text)
    assert responses_of(result) == [answer]
    assert ada.slots["standing_order_recipient"] is None


@pytest.mark.parametrize(
    ("text", "last_four"),
    [("4821", "4821"), ("the card ending in 7730", "7730"), ("my credit card", "7730"), ("Girocard", "4821")],
)
async def test_a_card_is_found_by_its_digits_or_its_kind(
    ada: BankConversation, text: str, last_four: str
) -> None:
    await ada.run("validate_blocked_card", blocked_card=text)
    assert ada.slots["blocked_card"] == last_four


async def test_a_blocked_card_is_not_offered_again(ada: BankConversation) -> None:
    await ada.run("action_block_card", blocked_card="4821", block_reason="lost")
    assert ada.slots["card_is_blocked"] is True
    titles = [button["title"] for button in buttons_of(await ada.run("action_ask_blocked_card"))]
    assert titles == ["Credit card 7730"]
    result = await ada.run("validate_blocked_card", blocked_card="debit card")
    assert responses_of(result) == ["utter_card_already_blocked"]
    await ada.run("action_load_cards")
    assert ada.slots["active_cards"] == 1.0


async def test_card_buttons_speak_the_language_of_the_conversation(ada: BankConversation) -> None:
    result = await ada.run("action_ask_blocked_card", language="de")
    assert [button["title"] for button in buttons_of(result)] == ["Girocard 4821", "Kreditkarte 7730"]


@pytest.mark.parametrize(
    ("is_right", "address"),
    [(True, "Gartenweg 5, 10115 Berlin"), (False, "Seestrasse 9, 20095 Hamburg")],
)
async def test_a_replacement_card_goes_where_the_customer_wants(
    ada: BankConversation, is_right: bool, address: str
) -> None:
    await ada.run(
        "action_order_card",
        blocked_card="4821",
        address_on_file_is_right=is_right,
        new_street="Seestrasse 9",
        new_postcode="20095",
        new_city="Hamburg",
    )
    assert ada.slots["card_sent_to"] == address


@pytest.mark.parametrize(
    ("text", "reference"),
    [("b-1007", "B-1007"), ("the one from Streamhouse", "B-1001"), ("Riverside Gym", "B-1004")],
)
async def test_a_payment_is_found_by_reference_or_shop(
    ada: BankConversation, text: str, reference: str
) -> None:
    await ada.run("validate_disputed_payment", disputed_payment=text)
    assert ada.slots["disputed_payment"] == reference


async def test_a_salary_cannot_be_disputed(ada: BankConversation) -> None:
    result = await ada.run("validate_disputed_payment", disputed_payment="B-1003")
    assert responses_of(result) == ["utter_payment_unknown"]


async def test_a_payment_has_one_case_however_often_it_is_reported(ada: BankConversation) -> None:
    report = {
        "disputed_payment": "B-1007",
        "dispute_reason": "not_me",
        "dispute_noticed_on": "2031-03-13",
        "contact_email": "ada@example.com",
    }
    await ada.run("action_open_dispute", **report)
    case = ada.slots["dispute_case"]
    await ada.run("action_open_dispute", **report | {"dispute_reason": "wrong_amount"})
    assert ada.slots["dispute_case"] == case
    await ada.run("action_open_dispute", **report | {"disputed_payment": "B-1001"})
    assert ada.slots["dispute_case"] != case


async def test_a_problem_is_not_noticed_in_the_future(ada: BankConversation) -> None:
    result = await ada.run("validate_dispute_noticed_on", dispute_noticed_on="2031-03-15")
    assert responses_of(result) == ["utter_noticed_date_in_future"]
    await ada.run("validate_dispute_noticed_on", dispute_noticed_on="24 December")
    assert ada.slots["dispute_noticed_on"] == "2030-12-24"


@pytest.mark.parametrize(
    ("text", "postcode"), [("20095", "20095"), ("d-20095", "20095"), ("20 095", "20095")]
)
async def test_a_postcode_is_five_digits(ada: BankConversation, text: str, postcode: str) -> None:
    await ada.run("validate_new_postcode", new_postcode=text)
    assert ada.slots["new_postcode"] == postcode


@pytest.mark.parametrize("text", ["123", "123456", "00123", "Hamburg"])
async def test_a_wrong_postcode_is_refused(ada: BankConversation, text: str) -> None:
    result = await ada.run("validate_new_postcode", new_postcode=text)
    assert responses_of(result) == ["utter_postcode_invalid"]
    assert ada.slots["new_postcode"] is None


async def test_a_saved_address_is_the_address_on_file(ada: BankConversation) -> None:
    await ada.run("action_save_address", new_street="Seestrasse 9", new_postcode="20095", new_city="Hamburg")
    ada.slots.clear()
    await ada.run("action_load_address")
    assert ada.slots["address_on_file"] == "Seestrasse 9, 20095 Hamburg"


async def test_a_branch_may_be_closed_on_saturdays(ada: BankConversation) -> None:
    await ada.run("action_load_branch", branch_city="leipzig")
    assert ada.slots["branch_street"] == "Am Markt 22, Leipzig"
    assert ada.slots["branch_saturday_hours"] is None


async def test_what_the_bank_knows_is_still_there_after_a_restart(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANK_DB", str(tmp_path / "bank.db"))
    before = start_executor(repository)
    await BankConversation(before).transfer(50.0)
    before.close()
    after = start_executor(repository)
    assert await BankConversation(after).balance_of("current") == 2400.75
    after.close()


async def test_transfers_at_the_same_time_never_spend_money_twice(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANK_DB", str(tmp_path / "bank.db"))
    # Two executors have a connection each, as two processes would.
    executors = [start_executor(repository), start_executor(repository)]
    references = await asyncio.gather(
        *(BankConversation(executors[number % 2]).transfer(1000.0) for number in range(6))
    )
    assert len([reference for reference in references if reference]) == 2
    assert await BankConversation(executors[0]).balance_of("current") == 450.75
    for executor in executors:
        executor.close()
