"""Takes test stories step by step: what the assistant would understand and do, beside what the story says.

Nothing is run: what actions, forms and users bring about is what the story says they do. After a step that came out
wrong the conversation goes on as the story has it, so that one mistake is counted once.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from duologue.core.domain import Domain
from duologue.core.events import (
    ACTION_LISTEN,
    ActionExecuted,
    ActionRejected,
    Event,
    LoopActivated,
    SlotWasSet,
    UserFeaturized,
    UserSpoke,
)
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.understanding import Understanding
from duologue.dialogue.policies.policy import Prediction
from duologue.dialogue.policies.story_paths import StoryPath
from duologue.dialogue.policies.view import UNLIKELY_INTENT
from duologue.dialogue.retrieval_actions import find_retrieval_response, is_retrieval_action
from duologue.testing.stories.story_result import (
    ActionResult,
    GivenResult,
    MessageResult,
    StepResult,
    StoryResult,
)
from duologue.understanding.asked_slots import find_asked
from duologue.understanding.payloads import parse_payload
from duologue.understanding.text_parser import ParsedText, TextParser

_CONVERSATION = ConversationId("story")


class Chooser(Protocol):
    """The trained policies, or what stands in for them."""

    def choose(self, state: State, *, rejected: str | None = None) -> Prediction:
        """What to do next; see `ActionChooser`."""
        ...


class StoryRunner:
    """Runs stories against a trained parser and trained policies."""

    def __init__(self, domain: Domain, chooser: Chooser, parser: TextParser | None) -> None:
        """Without a parser, intents and entities are taken from the stories."""
        self._domain = domain
        self._chooser = chooser
        self._parser = parser

    def run(self, path: StoryPath, *, stop: Callable[[StepResult], bool] = lambda _: False) -> StoryResult:
        """Take one story to its end, or to the step at which `stop` says so."""
        run = _Run(self._domain, self._chooser, self._parser)
        steps: list[StepResult] = []
        for event in path.events:
            step = run.take(event)
            if step is not None:
                steps.append(step)
                if stop(step):
                    break
        return StoryResult(name=path.name, source=path.source, steps=tuple(steps))


class _Run:
    """One story under way."""

    def __init__(self, domain: Domain, chooser: Chooser, parser: TextParser | None) -> None:
        self._domain = domain
        self._chooser = chooser
        self._parser = parser
        self._tracker = Tracker.empty(_CONVERSATION)

    def take(self, event: Event) -> StepResult | None:
        match event:
            case UserSpoke():
                return self._hear(event)
            case UserFeaturized():  # what counted of a message is for the policies to say
                return None
            case ActionExecuted() if not self._tracker.new_events:  # nobody has to predict the beginning
                self._tracker.record(event)
                return None
            case ActionExecuted():
                return self._expect(event)
            case SlotWasSet() | LoopActivated():
                self._tracker.record(event)
                return GivenResult(event=event)
            case _:
                self._tracker.record(event)
                return None

    def _hear(self, message: UserSpoke) -> MessageResult:
        told = message.understanding
        intent = find_full_intent(told, told.intent.name) if told.intent else None
        if not message.text or (self._parser is None and intent is not None):
            selected = _select(intent) if intent and "/" in intent else told.response_selector
            self._tracker.record(replace(message, understanding=replace(told, response_selector=selected)))
            return MessageResult(text=message.text, intent=intent, entities=told.entities, is_judged=False)
        parsed = self._parse(message.text)
        predicted = parsed.intent.name if parsed.intent else None
        if intent is not None and intent != predicted and predicted is not None:
            predicted = find_full_intent(parsed, predicted)
        understood = parsed if intent is None else replace(told, response_selector=parsed.response_selector)
        self._tracker.record(replace(message, understanding=understood))
        return MessageResult(
            text=message.text,
            intent=intent,
            entities=told.entities,
            predicted_intent=predicted,
            predicted_entities=parsed.entities,
        )

    def _parse(self, text: str) -> Understanding:
        payload = parse_payload(text)
        if payload is not None and payload.intent is not None:
            intent, _, key = payload.intent.name.partition("/")
            selected = _select(payload.intent.name) if key else {}
            return Understanding(
                is_for_policies=True,
                intent=replace(payload.intent, name=intent),
                entities=payload.entities,
                response_selector=selected,
            )
        parsed = (
            self._parser.parse(text, asked=find_asked(self._tracker.state, self._domain))
            if self._parser is not None
            else ParsedText()
        )
        return Understanding(
            is_for_policies=True,
            intent=parsed.intents[0] if parsed.intents else None,
            intent_ranking=parsed.intents,
            entities=parsed.entities,
            response_selector=parsed.response_selector,
        )

    def _expect(self, event: ActionExecuted) -> ActionResult:
        expected = event.action_text or event.name
        prediction, name = self._predict(event)
        was_surprised = name == UNLIKELY_INTENT != expected
        if was_surprised:
            self._tracker.record(ActionExecuted(name=UNLIKELY_INTENT, policy=prediction.policy))
            prediction, name = self._predict(event)
        is_right = name == expected
        self._tracker.record(replace(event, hide_rule_turn=prediction.hide_rule_turn if is_right else False))
        return ActionResult(
            expected=expected,
            predicted=name,
            policy=prediction.policy,
            confidence=prediction.confidence,
            is_text=event.action_text is not None,
            was_surprised=was_surprised,
        )

    def _predict(self, event: ActionExecuted) -> tuple[Prediction, str]:
        """What the policies say; a form that they would go on with may have declined to."""
        prediction = self._choose(None)
        name = self._name(prediction, event)
        loop = self._tracker.state.active_loop
        is_other = name != (event.action_text or event.name)
        if is_other and name == loop and loop in self._domain.forms:
            # Whatever else the story tells to happen while a form runs happens because the form declined.
            self._tracker.record(ActionRejected(name=loop))
            prediction = self._choose(loop)
            name = self._name(prediction, event)
        return prediction, name

    def _choose(self, rejected: str | None) -> Prediction:
        state = self._tracker.state
        prediction = self._chooser.choose(state, rejected=rejected)
        if prediction.is_end_to_end is not None and state.last_action == ACTION_LISTEN:
            self._tracker.record(UserFeaturized(use_text_for_featurization=prediction.is_end_to_end))
        return prediction

    def _name(self, prediction: Prediction, event: ActionExecuted) -> str:
        """What was predicted, in the words of the story where both mean the same."""
        name = prediction.action
        if name is None:
            return prediction.text or ACTION_LISTEN
        if event.action_text is not None and self._says(name, event.action_text):
            return event.action_text
        if name != event.name and is_retrieval_action(name, self._domain):
            return find_retrieval_response(name, self._domain, self._tracker.state) or name
        return name

    def _says(self, response: str, text: str) -> bool:
        variations = self._domain.responses.get(response, ())
        return any((variation.text or "").strip() == text.strip() for variation in variations)


def find_full_intent(understanding: Understanding, intent: str) -> str:
    """The intent with the response key that was chosen for it, if it is a retrieval intent."""
    selected = understanding.response_selector
    for name in (intent, "default"):
        try:
            key = selected[name]["response"]["intent_response_key"]
        except (KeyError, TypeError):
            continue
        if isinstance(key, str) and key.startswith(f"{intent}/"):
            return key
    return intent


def _select(full_intent: str) -> dict[str, object]:
    intent = full_intent.partition("/")[0]
    return {
        intent: {"response": {"intent_response_key": full_intent, "utter_action": f"utter_{full_intent}"}}
    }
