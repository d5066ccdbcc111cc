"""What the trained part and a model say of one message is one understanding; the trained part wins."""

import logging
from collections.abc import Sequence

import pytest

from duologue.core import commands as cmd
from duologue.core.commands import Command, SetSlot, StartFlow
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.offers import Offers
from duologue.understanding.ladder import Ladder
from duologue.understanding.merging_rung import MergingRung, merge
from duologue.understanding.nlu_rung import NluRung
from duologue.understanding.rung_failure import RungFailedError
from duologue.understanding.text_parser import ParsedText
from tests.unit.understanding.trained_bank import ToldParser, asking, entity, idle, said

ROME = entity("city", "Rome", role="to")


class Below:
    """A rung that proposes what a test tells it to, and counts how often it was asked."""

    def __init__(self, *commands: Command, name: str = "model") -> None:
        self.name = name
        self._commands = commands
        self.asked = 0

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        self.asked += 1
        evidence = (Evidence(rung=self.name, confidence=0.9),)
        return Understanding(commands=self._commands, evidence=evidence) if self._commands else None

    def warm_up(self) -> None:
        pass


class Away(Below):
    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        error = LanguageModelError("away", reason=ModelFailure.UNAVAILABLE, model="m")
        raise RungFailedError(Evidence(rung=self.name, confidence=0.0, reason="away")) from error


def nlu(name: str, value: object) -> SetSlot:
    return SetSlot(name=name, value=value, extractor="NLU")


def local(name: str, value: object) -> SetSlot:
    return SetSlot(name=name, value=value, extractor="LOCAL")


def merging(
    parser: ToldParser, *below: Below, keeps_asking: bool = False, local: Below | None = None
) -> MergingRung:
    return MergingRung(NluRung(parser), Ladder(below), local=local, minimize_num_calls=not keeps_asking)


async def understand(rung: MergingRung, offers: Offers) -> Understanding:
    understanding = await rung.understand(said("words"), offers)
    assert understanding is not None
    return understanding


async def test_no_model_is_asked_where_an_intent_started_a_flow() -> None:
    model = Below(StartFlow(flow="close"))

    understanding = await understand(merging(ToldParser(pay=0.9), model), idle())

    assert understanding.commands == (StartFlow(flow="pay"),)
    assert model.asked == 0


async def test_no_model_is_asked_where_a_mapping_answered_the_question() -> None:
    model = Below(cmd.CancelFlow())

    understanding = await understand(merging(ToldParser(ROME), model), asking("fly", "city_to"))

    assert understanding.commands == (nlu("city_to", "Rome"),)
    assert model.asked == 0


async def test_a_model_is_asked_where_a_mapping_filled_something_else() -> None:
    model = Below(SetSlot(name="city_from", value="Bern"))

    understanding = await understand(merging(ToldParser(ROME), model), asking("fly", "city_from"))

    assert understanding.commands == (nlu("city_to", "Rome"), SetSlot(name="city_from", value="Bern"))
    assert [evidence.rung for evidence in understanding.evidence] == ["nlu", "model"]


async def test_a_model_is_asked_every_time_if_calls_are_not_to_be_saved() -> None:
    model = Below(StartFlow(flow="close"), SetSlot(name="amount", value=50))

    understanding = await understand(merging(ToldParser(pay=0.9), model, keeps_asking=True), idle())

    assert understanding.commands == (StartFlow(flow="pay"), SetSlot(name="amount", value=50))
    assert model.asked == 1


async def test_a_model_answers_alone_where_the_trained_part_found_nothing_and_the_intent_is_kept() -> None:
    rung = merging(ToldParser(ROME, greet=0.9), Below(cmd.ChitChat()))

    understanding = await understand(rung, idle(slots={"city_to": "Rome"}))

    assert understanding.commands == (cmd.ChitChat(),)
    assert [evidence.rung for evidence in understanding.evidence] == ["model"]
    assert understanding.intent is not None
    assert understanding.intent.name == "greet"
    assert understanding.entities == (ROME,)


async def test_a_model_that_is_away_costs_nothing_that_the_trained_part_found() -> None:
    rung = merging(ToldParser(ROME), Away(), asking_local := Below(name="local"))

    understanding = await understand(rung, asking("fly", "city_from"))

    assert understanding.commands == (nlu("city_to", "Rome"),)
    assert [evidence.rung for evidence in understanding.evidence] == ["nlu", "none", "model"]
    assert asking_local.asked == 1


async def test_further_values_of_the_same_flow_are_read_without_a_model() -> None:
    reader = Below(StartFlow(flow="pay"), local("amount", 50.0), name="local")

    understanding = await understand(merging(ToldParser(pay=0.9), Below(), local=reader), idle())

    assert understanding.commands == (StartFlow(flow="pay"), local("amount", 50.0))


async def test_values_that_were_read_for_another_flow_are_left_out() -> None:
    reader = Below(StartFlow(flow="fly"), local("city_to", "Rome"), cmd.ChitChat(), name="local")

    understanding = await understand(merging(ToldParser(pay=0.9), Below(), local=reader), idle())

    assert understanding.commands == (StartFlow(flow="pay"),)


@pytest.mark.parametrize("below", [cmd.CannotHandle(), cmd.Clarify(options=("fly", "pay"))])
async def test_a_value_that_nothing_asks_for_does_not_take_the_place_of_a_reply(below: Command) -> None:
    understanding = await understand(merging(ToldParser(ROME), Below(below)), idle())

    assert understanding.commands == (below,)
    assert understanding.entities == (ROME,)


async def test_a_value_goes_with_the_flow_that_a_model_starts_for_it() -> None:
    understanding = await understand(merging(ToldParser(ROME), Below(StartFlow(flow="fly"))), idle())

    assert understanding.commands == (nlu("city_to", "Rome"), StartFlow(flow="fly"))


async def test_a_trained_part_that_breaks_is_as_if_it_were_not_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(ToldParser):
        def parse(self, text: str, *, asked: Sequence[str] = ()) -> ParsedText:
            raise RuntimeError("cannot read")

    with caplog.at_level(logging.ERROR):
        understanding = await understand(merging(Broken(), Below(cmd.ChitChat())), idle())

    assert understanding.commands == (cmd.ChitChat(),)
    assert "understanding.rung_failed" in caplog.text


@pytest.mark.parametrize(
    ("found", "proposed", "kept"),
    [
        ([StartFlow(flow="a")], [StartFlow(flow="b")], []),
        ([StartFlow(flow="a")], [cmd.Clarify(options=("a", "b"))], []),
        ([StartFlow(flow="a")], [cmd.CancelFlow()], [cmd.CancelFlow()]),
        ([StartFlow(flow="a")], [cmd.ChitChat(), cmd.KnowledgeAnswer(), cmd.CannotHandle()], []),
        ([nlu("s", 1)], [SetSlot(name="s", value=2), StartFlow(flow="b")], [StartFlow(flow="b")]),
        (
            [nlu("s", 1)],
            [cmd.CorrectSlots(corrected_slots=(SetSlot(name="s", value=2), SetSlot(name="t", value=3)))],
            [cmd.CorrectSlots(corrected_slots=(SetSlot(name="t", value=3),))],
        ),
        ([nlu("s", 1)], [cmd.CannotHandle()], []),
        ([], [cmd.CannotHandle()], [cmd.CannotHandle()]),
    ],
)
def test_where_they_contradict_each_other_the_trained_part_wins(
    found: list[Command], proposed: list[Command], kept: list[Command]
) -> None:
    merged = merge(Understanding(commands=tuple(found)), Understanding(commands=tuple(proposed)))

    assert merged.commands == (*found, *kept)
