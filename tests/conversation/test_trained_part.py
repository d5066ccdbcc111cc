"""An assistant whose pipeline names `NLUCommandAdapter`, with a model beside it and without one."""

from datetime import date
from pathlib import Path

import pytest

from duologue.core.events import FlowStarted, SlotWasSet
from duologue.core.generator_options import GeneratorOptions
from duologue.core.messages import UserMessage
from duologue.core.understanding import Understanding
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.project.definition import AssistantDefinition
from duologue.testing.conversation import Conversation
from duologue.testing.scripted_model import ScriptedLanguageModel
from duologue.understanding.answer_rung import AnswerRung, PayloadRung
from duologue.understanding.flow_texts import build_matcher
from duologue.understanding.generators.model_rung import ModelRung
from duologue.understanding.ladder import Ladder
from duologue.understanding.nlu_rung import build_nlu_rung
from duologue.understanding.whole_ladder import build_ladder
from tests.unit.project.written_project import read_definition

FILES = {
    "config.yml": """\
        assistant_id: trains
        pipeline:
        - name: NLUCommandAdapter
        - name: CompactLLMCommandGenerator
        """,
    "domain.yml": """\
        version: "3.1"
        intents: [book_train, greet, complain]
        entities:
        - city: {roles: [from, to]}
        slots:
          origin:
            type: text
            mappings: [{type: from_entity, entity: city, role: from}]
          destination:
            type: text
            mappings: [{type: from_entity, entity: city, role: to}, {type: from_llm}]
          seats:
            type: float
            mappings: [{type: from_llm}]
        responses:
          utter_ask_origin: [{text: From where?}]
          utter_ask_destination: [{text: Where to?}]
          utter_ask_seats: [{text: How many seats?}]
          utter_booked: [{text: "{seats} from {origin} to {destination}."}]
          utter_sorry: [{text: I am sorry.}]
        """,
    "data/flows.yml": """\
        flows:
          book_train:
            name: book a train
            description: Book seats on a train.
            nlu_trigger: [{intent: book_train}]
            run_pattern_completed: false
            steps:
            - collect: origin
            - collect: destination
            - collect: seats
            - action: utter_booked
          complain:
            name: complain
            description: Take up a complaint.
            run_pattern_completed: false
            steps:
            - action: utter_sorry
        """,
    "data/nlu.yml": """\
        nlu:
        - intent: book_train
          examples: |
            - book a train
            - I need a train ticket
            - a train from [Bern]{"entity": "city", "role": "from"} to [Rome]{"entity": "city", "role": "to"}
            - book a seat on the train to [Paris]{"entity": "city", "role": "to"}
            - I want to travel by train from [Oslo]{"entity": "city", "role": "from"}
        - intent: greet
          examples: |
            - hello
            - hi there
            - good morning
        - intent: complain
          examples: |
            - this is terrible
            - your service is bad
            - I am angry
        - lookup: city
          examples: |
            - Vienna
        """,
}


class Listening:
    """Keeps what each message was understood as."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self.last = Understanding()

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        self.last = await self._ladder.understand(message, offers)
        return self.last


@pytest.fixture
def definition(tmp_path: Path) -> AssistantDefinition:
    return read_definition(tmp_path, FILES)


def begin(
    definition: AssistantDefinition, model: ScriptedLanguageModel, *, minimize_num_calls: bool = True
) -> tuple[Conversation, Listening]:
    flows, data = Flows(definition.flows), definition.training_data
    nlu = build_nlu_rung(definition.config.pipeline or (), flows, definition.domain, data, ("en",))
    matcher = build_matcher(flows, [], ("en",))
    rung = ModelRung(model, GeneratorOptions(), flows=flows, domain=definition.domain, ranker=matcher)
    certain = (PayloadRung(), AnswerRung(("en",), date.today))
    ladder = build_ladder(certain, (rung,), nlu=nlu, minimize_num_calls=minimize_num_calls)
    listening = Listening(ladder)
    return Conversation(flows=definition.flows, domain=definition.domain, understander=listening), listening


async def test_intent_and_entities_of_one_message_start_the_flow_and_answer_its_questions(
    definition: AssistantDefinition,
) -> None:
    model = ScriptedLanguageModel()
    talk, understood = begin(definition, model)
    async with talk:
        replies = await talk.sends("please book a train from Oslo to Rome")

        assert replies == ["utter_ask_seats"]
        assert talk.slots["origin"] == "Oslo"
        assert talk.slots["destination"] == "Rome"
        assert {event.filled_by for event in talk.find_events(SlotWasSet)} == {"NLU"}
        assert understood.last.intent is not None
        assert understood.last.intent.name == "book_train"
        assert [entity.role for entity in understood.last.entities] == ["from", "to"]
    model.assert_complete()


async def test_a_question_is_answered_by_an_entity_without_asking_the_model(
    definition: AssistantDefinition,
) -> None:
    model = ScriptedLanguageModel()
    talk, _ = begin(definition, model)
    async with talk:
        await talk.sends("book a train")

        assert await talk.sends("from Oslo") == ["utter_ask_destination"]
        assert await talk.sends("to Paris") == ["utter_ask_seats"]
    model.assert_complete()


async def test_the_model_adds_what_only_it_can_read_and_loses_every_contradiction(
    definition: AssistantDefinition,
) -> None:
    model = ScriptedLanguageModel("start flow complain\nset slot destination Milan\nset slot seats 2")
    talk, understood = begin(definition, model, minimize_num_calls=False)
    async with talk:
        await talk.sends("book a train to Rome for the two of us")

        assert talk.slots["destination"] == "Rome"
        assert [event.flow_id for event in talk.find_events(FlowStarted)] == ["book_train"]
        assert [evidence.rung for evidence in understood.last.evidence] == ["nlu", "model"]
    model.assert_complete()


async def test_the_model_answers_alone_where_the_trained_part_has_nothing_to_say(
    definition: AssistantDefinition,
) -> None:
    model = ScriptedLanguageModel("start flow complain")
    talk, understood = begin(definition, model)
    async with talk:
        assert await talk.sends("I am angry") == ["utter_sorry"]
        assert understood.last.intent is not None
        assert understood.last.intent.name == "complain"
    model.assert_complete()
