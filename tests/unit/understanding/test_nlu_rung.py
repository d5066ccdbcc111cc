"""Intents start flows and intents and entities fill slots, where triggers and mappings say so."""

import pytest

from duologue.core.commands import Command, SetSlot, StartFlow
from duologue.core.domain import Domain
from duologue.core.nlu_options import FallbackOptions
from duologue.core.understanding import Entity
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.project.definition import Component, TrainingData
from duologue.understanding.nlu_rung import NluRung, build_nlu_rung, find_fallback
from tests.flow_writing import act, flow
from tests.unit.understanding.trained_bank import (
    FLOWS,
    ToldParser,
    asking,
    domain,
    entity,
    idle,
    said,
)

ADAPTER = Component(name="NLUCommandAdapter")


async def propose(
    offers: Offers,
    *entities: Entity,
    text: str = "words",
    fallback: FallbackOptions | None = None,
    **intents: float,
) -> tuple[Command, ...]:
    understanding = await NluRung(ToldParser(*entities, **intents), fallback).understand(said(text), offers)
    return understanding.commands if understanding else ()


def fill(**slots: object) -> tuple[SetSlot, ...]:
    return tuple(SetSlot(name=name, value=value, extractor="NLU") for name, value in slots.items())


# ---------------------------------------------------------------------------------------------- flows


async def test_an_intent_starts_the_flow_that_it_triggers() -> None:
    understanding = await NluRung(ToldParser(pay=0.9, greet=0.05)).understand(said("pay"), idle())

    assert understanding is not None
    assert understanding.commands == (StartFlow(flow="pay"),)
    assert understanding.evidence[0].rung == "nlu"
    assert understanding.evidence[0].confidence == 0.9
    assert [intent.name for intent in understanding.intent_ranking] == ["pay", "greet"]
    assert understanding.intent == understanding.intent_ranking[0]


async def test_an_intent_without_a_trigger_says_nothing() -> None:
    assert await propose(idle(), greet=0.99) == ()


@pytest.mark.parametrize(("confidence", "starts"), [(0.79, False), (0.8, True)])
async def test_a_trigger_has_a_threshold_of_its_own(confidence: float, starts: bool) -> None:
    assert await propose(idle(), close=confidence) == ((StartFlow(flow="close"),) if starts else ())


@pytest.mark.parametrize(("pay", "greet"), [(0.49, 0.1), (0.5, 0.45)])
async def test_a_doubtful_intent_starts_nothing(pay: float, greet: float) -> None:
    assert await propose(idle(), pay=pay, greet=greet) == ()


async def test_the_thresholds_of_the_fallback_classifier_take_the_place_of_ours() -> None:
    fallback = FallbackOptions(threshold=0.3, ambiguity_threshold=0.02)

    assert await propose(idle(), fallback=fallback, pay=0.35, greet=0.32) == (StartFlow(flow="pay"),)
    assert await propose(idle(), fallback=fallback, pay=0.29) == ()


async def test_a_doubtful_intent_becomes_the_fallback_intent_where_the_classifier_is_named() -> None:
    rung = NluRung(ToldParser(pay=0.4, greet=0.1), FallbackOptions(threshold=0.7))

    understanding = await rung.read(said("well"), idle())

    assert understanding.commands == ()
    assert [intent.name for intent in understanding.intent_ranking] == ["nlu_fallback", "pay", "greet"]


async def test_an_open_question_needs_a_surer_intent_to_be_left() -> None:
    offers = asking("fly", "city_to")

    assert await propose(offers, pay=0.65) == ()
    assert await propose(offers, pay=0.75) == (StartFlow(flow="pay"),)


async def test_a_flow_under_way_is_not_started_again() -> None:
    assert await propose(asking("fly", "city_to"), book_flight=0.99) == ()


async def test_a_guard_is_respected() -> None:
    assert await propose(idle(), lounge=0.99) == ()
    assert await propose(idle(slots={"member": "gold"}), lounge=0.99) == (StartFlow(flow="lounge"),)


# ---------------------------------------------------------------------------------------------- slots


async def test_entities_fill_slots_by_their_roles_together_with_the_flow_that_asks_for_them() -> None:
    cities = (entity("city", "Rome", role="to"), entity("city", "Bern", role="from"))

    commands = await propose(idle(), *cities, book_flight=0.9)

    assert commands == (StartFlow(flow="fly"), *fill(city_from="Bern", city_to="Rome"))


async def test_an_entity_without_a_role_answers_the_question_that_is_open() -> None:
    assert await propose(asking("fly", "city_to"), entity("city", "Rome")) == fill(city_to="Rome")
    assert await propose(asking("fly", "city_to"), entity("city", "Rome", role="from")) == fill(
        city_from="Rome"
    )


async def test_a_mapping_with_a_flow_counts_while_it_is_under_way_or_begins() -> None:
    seat = entity("seat", "Window")

    assert await propose(idle(), seat) == ()
    assert await propose(idle(), seat, book_flight=0.9) == (StartFlow(flow="fly"), *fill(seat="Window"))
    assert await propose(asking("fly", "city_to"), seat) == fill(seat="Window")


async def test_a_yes_answers_the_question_that_was_asked_and_no_other() -> None:
    assert await propose(asking("fly", "is_sure"), yes=0.9) == fill(is_sure=True)
    assert await propose(asking("fly", "is_sure"), no=0.9) == fill(is_sure=False)
    assert await propose(asking("pay", "amount"), yes=0.9) == ()


async def test_an_intent_fills_a_slot_that_no_flow_asks_for_at_any_time() -> None:
    assert await propose(idle(), complain=0.9) == fill(is_angry=True)


async def test_a_whole_message_fills_only_the_slot_that_was_asked_for() -> None:
    assert await propose(asking("pay", "reason"), text="for the garden", greet=0.9) == fill(
        reason="for the garden"
    )
    assert await propose(asking("pay", "reason"), text="no", no=0.9) == ()
    assert await propose(asking("pay", "amount"), text="for the garden", greet=0.9) == ()


async def test_a_wish_is_not_taken_for_the_text_that_was_asked_for() -> None:
    assert await propose(asking("pay", "reason"), text="book a flight", book_flight=0.9) == (
        StartFlow(flow="fly"),
    )


async def test_a_value_that_does_not_fit_is_left_to_others() -> None:
    number = entity("number", "fifty")

    assert await propose(idle(), number, pay=0.9) == (StartFlow(flow="pay"),)
    assert await propose(asking("pay", "amount"), number) == ()


async def test_a_value_that_nobody_else_may_read_is_proposed_so_that_its_question_can_refuse_it() -> None:
    assert await propose(asking("fly", "seat"), entity("seat", "roof")) == fill(seat="roof")


async def test_what_is_known_already_is_not_said_again() -> None:
    offers = asking("fly", "seat", slots={"city_to": "Rome"})

    assert await propose(offers, entity("city", "Rome", role="to")) == ()


# ------------------------------------------------------------------------------------------ from a project


def test_nothing_is_built_unless_the_pipeline_names_the_adapter_and_something_needs_it() -> None:
    plain = flow("plain", act("utter_done"))
    data = TrainingData()

    assert build_nlu_rung((), Flows(FLOWS), domain(), data, ("en",)) is None
    assert build_nlu_rung((ADAPTER,), Flows([plain]), Domain(), data, ("en",)) is None
    assert build_nlu_rung((ADAPTER,), Flows(FLOWS), domain(), data, ("en",)) is not None


async def test_the_parser_is_made_ready_once_before_the_first_message() -> None:
    parser = ToldParser(pay=0.9)
    rung = build_nlu_rung((ADAPTER,), Flows(FLOWS), domain(), TrainingData(), ("en",), parser=parser)
    assert rung is not None

    await rung.understand(said("pay"), idle())
    await rung.understand(said("pay"), idle())

    assert parser.warm_ups == 1
    assert parser.texts == ["pay", "pay"]


async def test_a_very_long_message_is_not_read() -> None:
    parser = ToldParser(pay=0.9)

    assert await NluRung(parser).understand(said("pay " * 2000), idle()) is None
    assert parser.texts == []


def test_thresholds_written_as_text_are_read_and_those_left_empty_have_their_defaults() -> None:
    fallback = Component(name="FallbackClassifier", options={"threshold": "0.7", "ambiguity_threshold": None})

    assert find_fallback((ADAPTER, fallback)) == FallbackOptions(threshold=0.7, ambiguity_threshold=0.1)
    assert find_fallback((ADAPTER,)) is None
