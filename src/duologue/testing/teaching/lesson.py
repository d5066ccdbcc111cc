"""One conversation in which every guess of the assistant is shown to a person, who confirms or corrects it."""

import msgspec

from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError, FlowError
from duologue.core.events import (
    ACTION_LISTEN,
    ActionExecuted,
    ActionRejected,
    BotSpoke,
    Event,
    UserFeaturized,
    UserSpoke,
)
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.state import State
from duologue.core.tracker import Tracker, fold
from duologue.core.understanding import Entity, Intent, Understanding
from duologue.dialogue.perform import Performer
from duologue.dialogue.policies.ensemble import PolicyEnsemble
from duologue.dialogue.policies.policy import Prediction
from duologue.dialogue.session import start_session
from duologue.dialogue.slot_extraction import extract_slots
from duologue.dialogue.turn import Choice, Turn
from duologue.ports.clock import Clock
from duologue.project.entity_marks import EntityMarkError, read_marks
from duologue.testing.stories.story_files import mark_text
from duologue.testing.teaching.terminal import WORDS_THAT_END, TakeBackError, Terminal, choose, confirm
from duologue.understanding.asked_slots import find_asked
from duologue.understanding.payloads import parse_payload
from duologue.understanding.text_parser import TextParser

HELP = (
    "Say something to the assistant. /undo takes the last step back, /fork goes back to an earlier message and keeps"
    " the conversation so far, /restart begins anew, /quit ends."
)
_SHOWN_INTENTS = 5


class Taught(msgspec.Struct, frozen=True, kw_only=True):
    """What a lesson came to."""

    conversations: tuple[tuple[Event, ...], ...] = ()
    intents: tuple[str, ...] = ()
    """New ones."""
    actions: tuple[str, ...] = ()
    """New ones."""


class Lesson:
    """Holds conversations until the person ends them."""

    def __init__(
        self,
        *,
        domain: Domain,
        chooser: PolicyEnsemble,
        parser: TextParser | None,
        performer: Performer,
        terminal: Terminal,
        clock: Clock,
    ) -> None:
        """Without a parser messages are written as payloads, such as `/greet`."""
        self._domain = domain
        self._chooser = chooser
        self._parser = parser
        self._performer = performer
        self._terminal = terminal
        self._clock = clock
        self._conversations: list[tuple[Event, ...]] = []
        self._new_intents: dict[str, None] = {}
        self._new_actions: dict[str, None] = {}
        self._begin()

    async def hold(self) -> Taught:
        """Talk until the person ends it; what was said and corrected."""
        self._terminal.tell(HELP)
        line: str | None = None
        try:
            while line not in WORDS_THAT_END:
                line = await self._take_line(line or await self._terminal.ask("You: "))
        except EOFError:
            pass
        self._finish()
        return Taught(
            conversations=tuple(self._conversations),
            intents=tuple(self._new_intents),
            actions=tuple(self._new_actions),
        )

    def _begin(self) -> None:
        empty = State(conversation_id=ConversationId("lesson"))
        self._state = fold(empty, start_session(empty, self._domain))
        self._events: list[Event] = []
        self._steps: list[tuple[State, int]] = []
        """How everything was before each step, to go back to."""

    def _finish(self) -> None:
        if any(isinstance(event, UserSpoke) for event in self._events):
            self._conversations.append(tuple(self._events))

    async def _take_line(self, line: str) -> str | None:
        """What is to be done next without asking: to end, or to take a step back."""
        if line in WORDS_THAT_END:
            return line
        try:
            await self._do(line)
        except TakeBackError:
            return "/undo"
        return None

    async def _do(self, line: str) -> None:
        match line:
            case "/help" | "":
                self._terminal.tell(HELP)
            case "/undo":
                await self._undo()
            case "/fork":
                await self._fork()
            case "/restart":
                self._finish()
                self._begin()
                self._terminal.tell("A new conversation begins.")
            case _:
                try:
                    understanding = await self._understand(line)
                except TakeBackError:
                    self._terminal.tell("The message is forgotten.")
                    return
                if understanding is not None:
                    await self._hear(line, understanding)
                    await self._act()

    # ------------------------------------------------------------------------------------------ what was meant

    async def _understand(self, text: str) -> Understanding | None:
        """What the person says was meant; None if the line cannot be used."""
        payload = parse_payload(text)
        if payload is not None and payload.intent is not None:
            self._note_intent(payload.intent.name)
            return Understanding(is_for_policies=True, intent=payload.intent, entities=payload.entities)
        if self._parser is None:
            self._terminal.tell("Write an intent, such as /greet; nothing understands words here.")
            return None
        parsed = self._parser.parse(text, asked=find_asked(self._state, self._domain))
        intent = parsed.intents[0] if parsed.intents else Intent(name="nlu_fallback", confidence=0.0)
        self._terminal.tell(
            f"  {mark_text(text, parsed.entities)}\n  intent: {intent.name} ({intent.confidence:.2f})"
        )
        entities = parsed.entities
        if not await confirm(self._terminal, "Is that right?"):
            ranked = [one.name for one in parsed.intents]
            others = sorted(set(self._domain.intents) - set(ranked))
            options = [*ranked[:_SHOWN_INTENTS], *sorted(ranked[_SHOWN_INTENTS:]), *others]
            name = await choose(self._terminal, "Which intent is it?", options, new="a new intent")
            self._note_intent(name)
            intent = Intent(name=name)
            entities = await self._correct_entities(text, entities)
        return Understanding(
            is_for_policies=True,
            intent=intent,
            entities=entities,
            intent_ranking=parsed.intents,
            response_selector=parsed.response_selector,
        )

    async def _correct_entities(self, text: str, entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
        question = (
            "The message with its entities marked, as in `to [Rome](city)`; nothing keeps them as they are: "
        )
        while True:
            marked = await self._terminal.ask(question)
            if not marked:
                return entities
            try:
                plain, found = read_marks(marked)
            except EntityMarkError as error:
                self._terminal.tell(str(error))
                continue
            if plain == text:
                return tuple(
                    Entity(**{key: value for key, value in one.items() if value is not None}) for one in found
                )
            self._terminal.tell(f"Without the marks that must read: {text}")

    def _note_intent(self, name: str) -> None:
        if name.partition("/")[0] not in self._domain.intents:
            self._new_intents[name] = None

    async def _hear(self, text: str, understanding: Understanding) -> None:
        self._steps.append((self._state, len(self._events)))
        turn = self._open_turn(text)
        turn.record(UserSpoke(text=text, understanding=understanding))
        turn.record(*await extract_slots(turn, self._performer))
        self._keep(turn)

    # ------------------------------------------------------------------------------------------ what is done

    async def _act(self) -> None:
        """One action after the other, until the person agrees to listen."""
        rejected: str | None = None
        while True:
            prediction = self._state_choice(rejected)
            name = prediction.action or prediction.text or ACTION_LISTEN
            self._tell_slots()
            self._terminal.tell(
                f"  next: {name} ({prediction.policy or 'nobody'}, {prediction.confidence:.2f})"
            )
            if not await confirm(self._terminal, "Is that right?"):
                name = await self._choose_action(name)
                prediction = Prediction(action=name, policy="teacher")
            self._steps.append((self._state, len(self._events)))
            rejected = await self._perform(prediction, name)
            if name == ACTION_LISTEN:
                return

    def _state_choice(self, rejected: str | None) -> Prediction:
        followup = self._state.followup_action
        if followup is not None:
            return Prediction(action=followup, policy="followup")
        return self._chooser.choose(self._state, rejected=rejected)

    async def _choose_action(self, wrong: str) -> str:
        said = [one.action for one in self._chooser.predict_all(self._state) if one.action]
        domain = self._domain
        known = sorted(
            {*domain.actions, *domain.forms, *(n for n in domain.responses if not n.endswith("_rasa"))}
        )
        options = [name for name in dict.fromkeys([*said, ACTION_LISTEN, *known]) if name != wrong]
        name = await choose(self._terminal, "What is next?", options, new="a new action")
        if name not in options:
            self._new_actions[name] = None
        return name

    async def _perform(self, prediction: Prediction, name: str) -> str | None:
        """The action that has just declined, if it has."""
        turn = self._open_turn("")
        if prediction.is_end_to_end is not None and self._state.last_action == ACTION_LISTEN:
            turn.record(UserFeaturized(use_text_for_featurization=prediction.is_end_to_end))
        turn.record(*prediction.events)
        choice = Choice(
            policy=prediction.policy,
            confidence=prediction.confidence,
            hide_rule_turn=prediction.hide_rule_turn,
        )
        declined: str | None = None
        try:
            if prediction.action is None and prediction.text:
                await self._performer.say(prediction.text, turn, choice)
            else:
                await self._performer.perform(name, turn, choice)
        except ActionRejectedError as error:
            declined = error.action_name
            turn.record(ActionRejected(name=declined))
            self._terminal.tell(f"  {declined} declined.")
        except (ActionError, FlowError) as error:
            self._terminal.tell(f"  {name} did not run ({error}); it counts as done, with nothing changed.")
            turn = self._open_turn("")
            turn.record(ActionExecuted(name=name, policy=choice.policy, confidence=choice.confidence))
        self._keep(turn)
        return declined

    def _tell_slots(self) -> None:
        filled = {name: value for name, value in self._state.slots.items() if value is not None}
        if filled:
            self._terminal.tell(
                "  slots: " + ", ".join(f"{name} = {value}" for name, value in filled.items())
            )

    def _open_turn(self, text: str) -> Turn:
        message = UserMessage(conversation_id=self._state.conversation_id, text=text)
        return Turn(message, Tracker(self._state), clock=self._clock, stamp={})

    def _keep(self, turn: Turn) -> None:
        for event in turn.tracker.new_events:
            if isinstance(event, BotSpoke):
                self._terminal.tell(f"Assistant: {event.message.text or '(something that is no text)'}")
        self._state = turn.state
        self._events += turn.tracker.new_events

    # ------------------------------------------------------------------------------------------ going back

    async def _undo(self) -> None:
        """Take the last step back; if that leaves the assistant to act, it goes on from there."""
        if not self._steps:
            self._terminal.tell("There is nothing to take back.")
            return
        self._go_back(len(self._steps) - 1)
        last = self._last_happening()
        if last is not None and not (isinstance(last, ActionExecuted) and last.name == ACTION_LISTEN):
            await self._act()

    def _last_happening(self) -> Event | None:
        """The last message or action; slots and marks beside them do not count."""
        kinds = (UserSpoke, ActionExecuted)
        return next((event for event in reversed(self._events) if isinstance(event, kinds)), None)

    async def _fork(self) -> None:
        """Keep the conversation as it is, and go on from before one of its messages."""
        places = [
            place
            for place, (_, length) in enumerate(self._steps)
            if length < len(self._events) and isinstance(self._events[length], UserSpoke)
        ]
        if not places:
            self._terminal.tell("There is no message to go back to.")
            return
        texts = [
            f"before “{event.text}”"
            for place in places
            if isinstance(event := self._events[self._steps[place][1]], UserSpoke)
        ]
        chosen = await choose(self._terminal, "Where shall it go on?", texts)
        self._finish()
        self._go_back(places[texts.index(chosen)])

    def _go_back(self, place: int) -> None:
        self._state, length = self._steps[place]
        del self._events[length:]
        del self._steps[place:]
        self._terminal.tell("Taken back.")
