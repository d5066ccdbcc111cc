"""What a test case is about, told by what its expectations name; `kind:` at the test case wins.

A case that names several is counted under the one that is hardest to do: see `_PRECEDENCE`.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from duologue.flows.flow import Flow, Flows
from duologue.flows.steps import ActionStep, CollectStep
from duologue.project.definition import AssistantDefinition
from duologue.project.e2e_tests import (
    ActionExecutedAssertion,
    Assertion,
    BotDidNotUtterAssertion,
    BotSays,
    BotUtteredAssertion,
    BotUtters,
    CaseKind,
    ClarificationAssertion,
    ConversationStep,
    FlowCancelledAssertion,
    FlowCompletedAssertion,
    FlowStartedAssertion,
    JudgedAssertion,
    SlotExpectation,
    SlotsAreNotSet,
    SlotsAreSet,
    SlotsNotSetAssertion,
    SlotsSetAssertion,
    TestCase,
    UserSays,
)

_PRECEDENCE = (
    CaseKind.DIGRESSION,
    CaseKind.CANCELLATION,
    CaseKind.CORRECTION,
    CaseKind.CLARIFICATION,
    CaseKind.KNOWLEDGE,
    CaseKind.OTHER,
)
"""Small talk, slots and starts come after these: nearly every case has some of them."""
_PATTERNS = {
    "pattern_correction": CaseKind.CORRECTION,
    "pattern_cancel_flow": CaseKind.CANCELLATION,
    "pattern_continue_interrupted": CaseKind.DIGRESSION,
    "pattern_clarification": CaseKind.CLARIFICATION,
    "pattern_search": CaseKind.KNOWLEDGE,
    "pattern_chitchat": CaseKind.SMALL_TALK,
}
_EVERYWHERE = frozenset({"pattern_completed", "pattern_collect_information", "pattern_validate_slot"})
"""Patterns that belong to the course of every flow."""
_NAMES = {
    "utter_corrected_previous_input": CaseKind.CORRECTION,
    "utter_not_corrected_previous_input": CaseKind.CORRECTION,
    "action_correct_flow_slot": CaseKind.CORRECTION,
    "utter_flow_cancelled_rasa": CaseKind.CANCELLATION,
    "action_cancel_flow": CaseKind.CANCELLATION,
    "utter_flow_continue_interrupted": CaseKind.DIGRESSION,
    "utter_ask_continue_interrupted_flow_confirmation": CaseKind.DIGRESSION,
    "utter_ask_interrupted_flow_to_continue": CaseKind.DIGRESSION,
    "action_continue_interrupted_flow": CaseKind.DIGRESSION,
    "utter_clarification_options_rasa": CaseKind.CLARIFICATION,
    "utter_clarification_no_options_rasa": CaseKind.CLARIFICATION,
    "action_clarify_flows": CaseKind.CLARIFICATION,
    "utter_free_chitchat_response": CaseKind.SMALL_TALK,
    "action_trigger_chitchat": CaseKind.SMALL_TALK,
    "action_trigger_search": CaseKind.KNOWLEDGE,
    "utter_no_relevant_answer_found": CaseKind.KNOWLEDGE,
    "utter_no_knowledge_base": CaseKind.KNOWLEDGE,
    "utter_ask_rephrase": CaseKind.OTHER,
    "utter_cannot_handle": CaseKind.OTHER,
    "utter_skip_question_answer": CaseKind.OTHER,
    "action_repeat_bot_messages": CaseKind.OTHER,
    "action_restart": CaseKind.OTHER,
}
_SMALL_TALK = re.compile(r"chit_?chat|small_?talk|greet|hello|good_?bye|(?:^|_)bye|thank|welcome")
_SOURCES = {"EnterpriseSearchPolicy": CaseKind.KNOWLEDGE, "IntentlessPolicy": CaseKind.SMALL_TALK}
_WORDS_OF_AN_ANSWER = 20
"""Words that no response has, and so many of them, are an answer from documents, where the assistant has any."""
_VARIABLE = re.compile(r"\\\{.*?(?:\\\})+")
_FEWEST_LETTERS = 4
"""Letters that a response must have of its own, so that not any text could be made from it."""


class _Signs(msgspec.Struct, kw_only=True):
    """What a case names, in the order of its turns."""

    kinds: set[CaseKind] = msgspec.field(default_factory=set)
    flows: list[str] = msgspec.field(default_factory=list)
    """Flows of the project, neighbours told apart."""
    slots: list[SlotExpectation] = msgspec.field(default_factory=list)
    has_words_of_actions: bool = False
    """Texts that no response has: the project's code says them, in some flow or other."""

    def pass_flow(self, flow_id: str) -> None:
        if self.flows[-1:] != [flow_id]:
            self.flows.append(flow_id)


class CaseSorter:
    """Knows the flows and responses that expectations name."""

    def __init__(self, definition: AssistantDefinition) -> None:
        self._flows = Flows(definition.flows)
        self._owners = _list_owners(self._flows)
        self._texts = _ResponseTexts(definition)
        policies = definition.config.policies or ()
        self._has_documents = any(policy.name.endswith("EnterpriseSearchPolicy") for policy in policies)

    def sort(self, case: TestCase) -> CaseKind:
        """The kind of a case."""
        if case.kind is not None:
            return case.kind
        signs = _Signs()
        for step in case.steps:
            self._read_step(step, signs)
        if self._returns(signs.flows):
            signs.kinds.add(CaseKind.DIGRESSION)
        if _sets_anew(signs.slots):
            signs.kinds.add(CaseKind.CORRECTION)
        named = next((kind for kind in _PRECEDENCE if kind in signs.kinds), None)
        return named or _sort_plain(signs, sum(isinstance(step, UserSays) for step in case.steps))

    def _returns(self, flows: Sequence[str]) -> bool:
        """Whether a flow is left for another one, and taken up again; a flow that it calls is a part of it."""
        for place, flow_id in enumerate(flows):
            between = flows[place + 1 :]
            if flow_id in between[1:]:
                family = {flow.id for flow in self._flows.get_family(flow_id)}
                back = between.index(flow_id, 1)
                if any(other not in family for other in between[:back]):
                    return True
        return False

    def _read_step(self, step: ConversationStep, signs: _Signs) -> None:
        match step:
            case UserSays():
                for assertion in step.assertions or ():
                    self._read_assertion(assertion, signs)
            case BotSays():
                self._read_text(step.text, signs)
            case BotUtters():
                self._read_name(step.response, signs)
            case SlotsAreSet():
                signs.slots += step.slots
            case SlotsAreNotSet():
                pass

    def _read_assertion(self, assertion: Assertion, signs: _Signs) -> None:
        match assertion:
            case FlowStartedAssertion():
                for flow_id in assertion.flow_ids:
                    self._read_flow(flow_id, signs)
            case FlowCompletedAssertion():
                self._read_flow(assertion.flow_id, signs)
            case FlowCancelledAssertion():
                signs.kinds.add(CaseKind.CANCELLATION)
            case ClarificationAssertion():
                signs.kinds.add(CaseKind.CLARIFICATION)
            case SlotsSetAssertion():
                signs.slots += assertion.slots
            case ActionExecutedAssertion():
                self._read_name(assertion.action, signs)
            case BotUtteredAssertion():
                if assertion.utter_name is not None:
                    self._read_name(assertion.utter_name, signs)
                elif assertion.text_matches is not None:
                    self._read_text(assertion.text_matches, signs)
            case JudgedAssertion():
                if assertion.utter_name is not None:
                    self._read_name(assertion.utter_name, signs)
                else:
                    kind = _SOURCES.get(assertion.utter_source or "EnterpriseSearchPolicy")
                    signs.kinds |= {kind} if kind else set()
            case SlotsNotSetAssertion() | BotDidNotUtterAssertion():
                pass

    def _read_text(self, text: str, signs: _Signs) -> None:
        name = self._texts.find(text)
        if name is not None:
            self._read_name(name, signs)
        elif self._has_documents and len(text.split()) >= _WORDS_OF_AN_ANSWER:
            signs.kinds.add(CaseKind.KNOWLEDGE)
        else:
            signs.has_words_of_actions = True

    def _read_name(self, name: str, signs: _Signs) -> None:
        """A response or an action."""
        known = _NAMES.get(name)
        if known is not None:
            signs.kinds.add(known)
            return
        if _SMALL_TALK.search(name):
            signs.kinds.add(CaseKind.SMALL_TALK)
            return
        owners = self._owners.get(name, ())
        if len(owners) == 1:
            self._read_flow(owners[0], signs)

    def _read_flow(self, flow_id: str, signs: _Signs) -> None:
        flow = self._flows.find(flow_id)
        if flow_id in _PATTERNS:
            signs.kinds.add(_PATTERNS[flow_id])
        elif flow_id in _EVERYWHERE:
            return
        elif flow is not None and flow.is_pattern:
            signs.kinds.add(CaseKind.OTHER)
        elif _SMALL_TALK.search(flow_id):
            signs.kinds.add(CaseKind.SMALL_TALK)
        else:
            signs.pass_flow(flow_id)


def _sort_plain(signs: _Signs, messages: int) -> CaseKind:
    """The kind of a case in which nothing comes between: values are given, or a flow is only started."""
    is_about_flows = bool(signs.flows) or signs.has_words_of_actions
    if signs.slots or (is_about_flows and messages > 1):
        return CaseKind.SLOT
    if is_about_flows:
        return CaseKind.START
    return CaseKind.SMALL_TALK if CaseKind.SMALL_TALK in signs.kinds else CaseKind.OTHER


def _sets_anew(slots: Sequence[SlotExpectation]) -> bool:
    """Whether a slot is expected to get a value, and then another one."""
    values: dict[str, object] = {}
    for slot in slots:
        if slot.is_any_value or slot.value is None:
            continue
        if slot.name in values and values[slot.name] != slot.value:
            return True
        values[slot.name] = slot.value
    return False


def _list_owners(flows: Flows) -> dict[str, tuple[str, ...]]:
    """Response or action to the flows whose steps name it."""
    owners: dict[str, dict[str, None]] = {}
    for flow in flows:
        for name in _list_names(flow):
            owners.setdefault(name, {})[flow.id] = None
    return {name: tuple(found) for name, found in owners.items()}


def _list_names(flow: Flow) -> Iterator[str]:
    for step in flow.steps:
        if isinstance(step, ActionStep):
            yield step.action
        elif isinstance(step, CollectStep):
            yield step.asking_response
            yield step.asking_action
            yield from (rejection.utter for rejection in step.rejections)


class _ResponseTexts:
    """Finds the response that a text was made from."""

    def __init__(self, definition: AssistantDefinition) -> None:
        self._exact: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        for name, variations in definition.domain.responses.items():
            for variation in variations:
                text = (variation.text or "").strip()
                if "{" in text:
                    pattern = _VARIABLE.sub(".*", re.escape(text))
                    if sum(character.isalpha() for character in pattern) >= _FEWEST_LETTERS:
                        self._patterns.append((re.compile(pattern, re.DOTALL), name))
                elif text:
                    self._exact.setdefault(text, name)

    def find(self, text: str) -> str | None:
        text = text.strip()
        if text in self._exact:
            return self._exact[text]
        return next((name for pattern, name in self._patterns if pattern.fullmatch(text)), None)
