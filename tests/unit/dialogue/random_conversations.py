"""Random flows, and random things to say to them: valid projects, and understanding that may be anything."""

from collections.abc import Sequence
from random import Random

from duologue.core import commands as cmd
from duologue.core import events as ev
from duologue.core.commands import Command
from duologue.core.errors import ActionError, ActionRejectedError
from duologue.core.slots import Slot, SlotType
from duologue.core.stack import END, PatternFrame, find_active_chain
from duologue.core.values import OpenData, SlotValue
from duologue.flows.flow import Flow
from duologue.flows.steps import ActionStep, LinkStep, Next, NoopStep, SetSlotsStep, Step
from duologue.ports.action_runner import ActionResult
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import Outcome
from tests.flow_writing import (
    act,
    ask,
    call,
    choice,
    controlled,
    flag,
    flow,
    link,
    number,
    reject,
    slot,
    validated,
    when,
)

SLOTS: tuple[Slot, ...] = (
    slot("word"),
    slot("name", initial_value="nobody"),
    slot("mail", validation=validated(reject("not slots.mail matches '@'", "utter_no_mail"))),
    number("amount"),
    number("limit", initial_value=100.0, validation=validated(reject("slots.limit < 0", "utter_no_limit"))),
    flag("sure"),
    flag("known", initial_value=False),
    choice("colour", "Red", "Blue"),
    slot("thing", SlotType.ANY),
    controlled("code"),
    controlled("items", SlotType.LIST),
)
BY_NAME = {one.name: one for one in SLOTS}
COLLECTABLE = tuple(name for name in BY_NAME if name != "items")
FLOW_IDS = tuple(f"flow_{letter}" for letter in "abcdef")
ACTIONS = ("action_set", "action_more", "action_odd", "validate_amount", "validate_word", "action_ask_code")
CONDITIONS = (
    "slots.amount > 3",
    "slots.sure",
    "not slots.known",
    "slots.word is null",
    "slots.colour = 'Red'",
    "slots.thing is not null",
    "slots.mail matches '@' and slots.limit >= 50",
    "true",
    "false",
)
FITTING: dict[SlotType, tuple[SlotValue, ...]] = {
    SlotType.TEXT: ("x", "hello there", "a@b.c", "c@d.e", ""),
    SlotType.FLOAT: (0.0, 1.0, 5.0, -3.0, 1e9),
    SlotType.BOOL: (True, False),
    SlotType.CATEGORICAL: ("Red", "Blue"),
    SlotType.LIST: ([], ["a"], ["a", 1.0]),
    SlotType.ANY: ("x", 3.0, True, {"a": [1.0]}, ["y"]),
}
ANYTHING: tuple[SlotValue, ...] = (
    None,
    *(value for values in FITTING.values() for value in values),
    *("yes", "no", "7", "red", "{{ 7 * 7 }}", "nan", "inf", "none", "flow a", "it's"),
)
BUILTIN_SLOTS = (
    "continue_interrupted_flow_confirmation",
    "interrupted_flow_to_continue",
    "continue_conversation",
    "csat_score",
    "consecutive_silence_timeouts",
    "no_such_slot",
)
OVERRIDES: tuple[list[Flow], ...] = (
    *([[]] * 8),
    [flow("pattern_internal_error", act("action_odd"))],
    [flow("pattern_completed", link("flow_a"))],
    [flow("pattern_completed", act("utter_one"))],
    [flow("pattern_completed", ask("thing", ask_before_filling=True), act("action_odd"))],
    [flow("pattern_chitchat", act("action_set"), act("action_trigger_chitchat"))],
    [flow("pattern_human_handoff", ask("sure", ask_before_filling=True), act("utter_one"))],
    [flow("pattern_search", act("action_trigger_search"))],
    [flow("pattern_cancel_flow", act("action_cancel_flow"), act("action_set"))],
    [flow("pattern_cannot_handle", act("action_odd"))],
    [flow("pattern_continue_interrupted", act("action_continue_interrupted_flow"))],
    [flow("pattern_correction", act("action_correct_flow_slot"))],
)
_SIMPLE: tuple[Command, ...] = (
    cmd.ChitChat(),
    cmd.KnowledgeAnswer(),
    cmd.HumanHandoff(),
    cmd.SkipQuestion(),
    cmd.RepeatBotMessages(),
    cmd.UserSilence(),
    cmd.Noop(),
    cmd.ChangeFlow(),
    cmd.ReportError(error_type="it's", info={"max_characters": 3}),
    cmd.CannotHandle(),
    cmd.CannotHandle(reason="cannot_handle_chitchat"),
    cmd.CannotHandle(reason="?'"),
)
_DRASTIC: tuple[Command, ...] = (cmd.SessionStart(), cmd.Restart(), cmd.HandleCodeChange())


class RandomConversation:
    """Everything random about one conversation, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    # The project

    def make_flows(self) -> list[Flow]:
        flows: list[Flow] = []
        callable_flows: list[str] = []
        for flow_id in reversed(FLOW_IDS):
            made = self._make_flow(flow_id, callable_flows)
            flows.append(made)
            if not any(isinstance(step, LinkStep) for step in made.steps):
                callable_flows.append(flow_id)
        return flows + self.random.choice(OVERRIDES)

    def _make_flow(self, flow_id: str, callable_flows: Sequence[str]) -> Flow:
        count = self.random.randint(1, 8)
        has_link = self._happens(0.25)
        body = [self._make_step(place, count, callable_flows) for place in range(count)]
        if has_link:
            target = self.random.choice((*FLOW_IDS, "pattern_human_handoff"))
            body[-1] = link(target, f"s{count - 1}")
        return flow(
            flow_id,
            *body,
            guard=self.random.choice((None, None, None, None, "slots.known", "slots.amount > 3", False)),
            persisted_slots=self.random.choice(((), (), ("word",), ("amount", "sure"))),
            run_pattern_completed=self._happens(0.5),
        )

    def _make_step(self, place: int, count: int, callable_flows: Sequence[str]) -> Step:
        step_id = f"s{place}"
        then = self._make_next(place, count)
        kinds = ["ask", "ask", "ask", "ask", "ask", "act", "act", "put", "branch"]
        if callable_flows:
            kinds += ["call"]
        match self.random.choice(kinds):
            case "ask":
                return self._make_question(step_id, then)
            case "act":
                names = (*ACTIONS[:3], "utter_one", "utter_two", "utter_one", "utter_two")
                return ActionStep(id=step_id, action=self.random.choice(names), next=then)
            case "put":
                return SetSlotsStep(id=step_id, slots=self._make_changes(), next=then)
            case "call":
                return call(self.random.choice(callable_flows), step_id, then)
            case _:
                return NoopStep(id=step_id, next=then or END)

    def _make_question(self, step_id: str, then: Next) -> Step:
        name = self.random.choice(COLLECTABLE)
        return ask(
            name,
            step_id,
            then,
            ask_before_filling=self._happens(0.15),
            force_slot_filling=self._happens(0.05),
            reset_after_flow_ends=not self._happens(0.1),
            rejections=(reject(f"slots.{name} = 'x'", "utter_one"),) if self._happens(0.2) else (),
        )

    def _make_next(self, place: int, count: int) -> Next:
        targets = [f"s{later}" for later in range(place + 1, count)] + [END]
        if self._happens(0.02):
            targets = [f"s{any_place}" for any_place in range(count)]
        if self._happens(0.6):
            return None
        if self._happens(0.4):
            return self.random.choice(targets)
        arms = [
            (self.random.choice(CONDITIONS), self.random.choice(targets))
            for _ in range(self.random.randint(1, 2))
        ]
        return when(*arms, otherwise=None if self._happens(0.03) else self.random.choice(targets))

    def _make_changes(self) -> tuple[tuple[str, SlotValue], ...]:
        names = self.random.sample(tuple(BY_NAME), self.random.randint(1, 2))
        return tuple((name, self._pick_value(name)) for name in names)

    def _pick_value(self, name: str) -> SlotValue:
        return None if self._happens(0.2) else self.random.choice(FITTING[BY_NAME[name].type])

    # Its actions

    def make_outcomes(self) -> dict[str, Outcome]:
        return {name: self._make_outcome() for name in ACTIONS}

    def _make_outcome(self) -> Outcome:
        if self._happens(0.06):
            return self.random.choice(
                (
                    ActionError("broken", action_name="x"),
                    ActionRejectedError("no", action_name="x"),
                    ValueError("broken"),
                )
            )
        events: list[ev.Event] = []
        if self._happens(0.5):
            events += [ev.SlotWasSet(name=name, value=value) for name, value in self._make_changes()]
        if self._happens(0.1):
            events += self.random.choice(_ODD_EVENTS)
        responses: tuple[OpenData, ...] = self.random.choice(
            ((), (), ({"text": "hi"},), ({"response": "utter_one"},), ({"response": "nope"},))
        )
        return ActionResult(events=tuple(events), responses=responses)

    # What the user says

    def make_turn(self, talk: Conversation) -> list[Command]:
        """An answer, a change of mind, a wish or anything else, often several at once."""
        commands: list[Command] = []
        if self._happens(0.7):
            commands += self._answer(talk)
        if not commands and not talk.stack:
            commands.append(self._wish())
        if self._happens(0.15):
            commands += self._change_mind(talk)
        if self._happens(0.2):
            commands.append(self._wish())
        if self._happens(0.25):
            commands += [self._say_anything() for _ in range(self.random.randint(1, 3))]
        self.random.shuffle(commands)
        return commands

    def _answer(self, talk: Conversation) -> list[Command]:
        top = talk.state.stack[-1] if talk.state.stack else None
        if not isinstance(top, PatternFrame):
            return []
        name = str(top.context.get("collect") or top.context.get("validate"))
        asked = talk.domain.slots.get(name)
        if asked is None:
            return []
        values: Sequence[SlotValue] = asked.values or FITTING[asked.type]
        if name == "interrupted_flow_to_continue":
            values = (*(flow_id.replace("_", " ") for flow_id in FLOW_IDS), "none")
        if self._happens(0.1):
            values = ANYTHING
        return [cmd.SetSlot(name=name, value=self.random.choice(values), extractor="BUTTON")]

    def _change_mind(self, talk: Conversation) -> list[Command]:
        names = [
            name
            for frame in find_active_chain(talk.state.stack)
            for name in talk.flows.get_collected_slots(frame.flow_id)
            if name in BY_NAME
        ]
        picked = self.random.sample(names, min(len(names), self.random.randint(1, 2)))
        return [cmd.SetSlot(name=name, value=self._pick_value(name)) for name in picked]

    def _wish(self) -> Command:
        return cmd.StartFlow(flow=self.random.choice(FLOW_IDS), is_explicit=self._happens(0.1))

    def _say_anything(self) -> Command:
        kind = self.random.random()
        if kind < 0.25:
            return self._set_anything()
        if kind < 0.4:
            return cmd.StartFlow(flow=self._pick_any_flow())
        if kind < 0.5:
            return cmd.CancelFlow()
        if kind < 0.55:
            corrected = tuple(self._set_anything() for _ in range(self.random.randint(0, 2)))
            return cmd.CorrectSlots(corrected_slots=corrected)
        if kind < 0.65:
            return cmd.Clarify(options=tuple(self._pick_any_flow() for _ in range(self.random.randint(0, 5))))
        if kind < 0.97:
            return self.random.choice(_SIMPLE)
        return self.random.choice(_DRASTIC)

    def _set_anything(self) -> cmd.SetSlot:
        return cmd.SetSlot(
            name=self.random.choice((*BY_NAME, *BUILTIN_SLOTS)),
            value=self.random.choice(ANYTHING),
            extractor=self.random.choice(("LLM", "LLM", "NLU", "LOCAL", "BUTTON")),
        )

    def _pick_any_flow(self) -> str:
        others = ("no_such_flow", "pattern_completed", "pattern_internal_error")
        return self.random.choice((*FLOW_IDS, *FLOW_IDS, *others))

    def _happens(self, probability: float) -> bool:
        return self.random.random() < probability


_ODD_EVENTS: tuple[list[ev.Event], ...] = (
    [ev.FollowupRequested(name="utter_two")],
    [ev.FollowupRequested(name="action_unknown")],
    [ev.FollowupRequested(name="action_set")],
    [ev.FollowupRequested(name="flow_a")],
    [ev.FollowupRequested(name="flow_flow_b")],
    [ev.SlotsReset()],
    [ev.ConversationRestarted()],
    [ev.SessionStarted()],
    [ev.SlotWasSet(name="unknown_slot", value=3)],
)
