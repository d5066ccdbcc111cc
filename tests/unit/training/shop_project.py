"""A small classic assistant to train."""

from pathlib import Path

import msgspec

from duologue.project.definition import AssistantDefinition, Component
from tests.unit.project.written_project import read_definition, write_project

FILES = {
    "config.yml": """\
        assistant_id: shop
        language: en
        pipeline:
        - name: WhitespaceTokenizer
        - name: CountVectorsFeaturizer
        - name: DIETClassifier
        - name: ResponseSelector
          retrieval_intent: faq
        - name: FallbackClassifier
          threshold: 0.2
        policies:
        - name: MemoizationPolicy
        - name: RulePolicy
        """,
    "domain.yml": """\
        intents: [greet, order, bye, faq]
        entities: [dish]
        actions: []
        responses:
          utter_greet: [{text: Hello.}]
          utter_order: [{text: Coming.}]
          utter_bye: [{text: Bye.}]
          utter_faq/hours: [{text: At nine.}]
          utter_faq/price: [{text: Ten.}]
        """,
    "data/nlu.yml": """\
        nlu:
        - intent: greet
          examples: |
            - hello
            - good morning
            - hi there
            - hey
            - hello again friend
            - morning everyone
        - intent: order
          examples: |
            - I want [soup](dish)
            - bring me the [pasta](dish)
            - a [salad](dish) please
            - I would like [soup](dish) now
            - order [pizza](dish)
            - one [burger](dish) for me
        - intent: bye
          examples: |
            - goodbye
            - see you
            - bye bye
            - farewell
            - see you later
            - bye for now
        - intent: faq/hours
          examples: |
            - when do you open
            - what are your hours
            - are you open today
            - until when are you open
        - intent: faq/price
          examples: |
            - how much is it
            - what does it cost
            - tell me the price
            - is it expensive
        """,
    "data/stories.yml": """\
        rules:
        - rule: say bye
          steps:
          - intent: bye
          - action: utter_bye
        - rule: answer
          steps:
          - intent: faq
          - action: utter_faq
        stories:
        - story: order
          steps:
          - intent: greet
          - action: utter_greet
          - intent: order
          - action: utter_order
        """,
}


def write_shop(folder: Path) -> Path:
    return write_project(folder, FILES)


def read_shop(folder: Path) -> AssistantDefinition:
    return read_definition(folder, FILES)


def with_threshold(definition: AssistantDefinition, threshold: float) -> AssistantDefinition:
    """The same assistant with another threshold of its `FallbackClassifier`."""
    pipeline = definition.config.pipeline or ()
    changed = (*pipeline[:-1], Component(name="FallbackClassifier", options={"threshold": threshold}))
    return msgspec.structs.replace(
        definition, config=msgspec.structs.replace(definition.config, pipeline=changed)
    )
