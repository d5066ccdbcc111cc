"""The question that the next message probably answers: its kind, and the values it may choose from."""

from collections.abc import Iterable, Sequence

import msgspec

from duologue.core import commands as cmd
from duologue.core.messages import BotMessage
from duologue.core.slots import Slot, SlotType
from duologue.core.values import SlotValue
from duologue.flows.offers import Offers
from duologue.flows.steps import CollectStep
from duologue.understanding.answers.answer_kind import AnswerKind, expects_prose, guess_answer_kind
from duologue.understanding.answers.choice import Choice
from duologue.understanding.answers.framing import topic_of
from duologue.understanding.date_form import AS_SAID, find_date_form
from duologue.understanding.payloads import parse_payload

CHOICE_OF_INTERRUPTED = "interrupted_flow_to_continue"
CONSENT_TO_CONTINUE = "continue_interrupted_flow_confirmation"
"""Slots of the pattern that asks whether to go back to what was interrupted."""

_NONE_OF_THEM = Choice(
    value="none", titles=("none", "neither", "none of them", "keins", "keines davon", "nichts")
)


class OpenQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that was asked for, and how its answer looks."""

    slot: Slot
    kind: AnswerKind
    is_prose: bool = False
    """The answer is a sentence of its own, such as a reason or a note."""
    choices: tuple[Choice, ...] = ()
    topic: frozenset[str] = frozenset()
    """Stems of the words the question is about."""
    date_form: str = AS_SAID
    """How a date said in words is written down."""
    button_values: tuple[tuple[str, SlotValue], ...] = ()
    """Title of a button that sets the slot, and the value it sets."""


def find_open_question(offers: Offers, language: str) -> OpenQuestion | None:
    """The open question of the state, if the assistant waits for an answer."""
    question = offers.question
    if question is None:
        return None
    slot = offers.domain.slots[question.slot]
    return _describe(slot, question.step, offers.state.replies[-1:], offers, language)


def find_waiting_questions(offers: Offers, language: str) -> list[tuple[str, OpenQuestion]]:
    """The questions of the flows that were interrupted, the latest first, each with the flow's id."""
    found: list[tuple[str, OpenQuestion]] = []
    interrupted = {str(flow_id) for flow_id in offers.context.get("interrupted_flow_ids") or ()}
    for frame in reversed(offers.state.stack):
        flow = offers.flows.find(frame.flow_id)
        step = flow.find_step(frame.step_id) if flow and not flow.is_pattern else None
        if isinstance(step, CollectStep) and (slot := offers.domain.slots.get(step.slot)) is not None:
            found.append((frame.flow_id, _describe(slot, step, (), offers, language)))
    return [(flow_id, question) for flow_id, question in found if flow_id in interrupted or len(found) == 1]


def _describe(
    slot: Slot, step: CollectStep | None, replies: Sequence[BotMessage], offers: Offers, language: str
) -> OpenQuestion:
    description = (step.description if step else None) or ""
    asked = " ".join(reply.text for reply in replies if reply.text)
    buttons = tuple(_find_button_values(slot, replies))
    choices = _list_choices(slot, buttons, offers)
    kind = guess_answer_kind(
        slot.type.value,
        slot.name,
        description=description,
        question=asked,
        has_choices=slot.type is SlotType.TEXT and slot.name == CHOICE_OF_INTERRUPTED,
    )
    return OpenQuestion(
        slot=slot,
        kind=kind,
        is_prose=kind is AnswerKind.FREE_TEXT and expects_prose(slot.name, description, asked),
        choices=choices,
        topic=topic_of(slot.name.replace("_", " "), description, asked, language=language),
        date_form=find_date_form(slot.name, offers)
        if kind in {AnswerKind.DATE, AnswerKind.TIME}
        else AS_SAID,
        button_values=buttons,
    )


def _find_button_values(slot: Slot, replies: Iterable[BotMessage]) -> Iterable[tuple[str, SlotValue]]:
    for reply in replies:
        for button in reply.buttons:
            payload = parse_payload(button.payload)
            if payload is None:
                yield button.title, button.payload
            elif payload.slots is not None:
                yield from ((button.title, value) for name, value in payload.slots if name == slot.name)


def _list_choices(slot: Slot, buttons: Sequence[tuple[str, SlotValue]], offers: Offers) -> tuple[Choice, ...]:
    titles: dict[str, list[str]] = {value: [] for value in slot.values}
    folded = {value.casefold(): value for value in slot.values}
    for title, value in buttons:
        name = folded.get(str(value).casefold(), str(value))
        titles.setdefault(name, []).append(title)
    if slot.name == CHOICE_OF_INTERRUPTED:
        for name in offers.context.get("interrupted_flow_names") or ():
            titles.setdefault(str(name), [])
        return (*_to_choices(titles), _NONE_OF_THEM)
    return _to_choices(titles)


def _to_choices(titles: dict[str, list[str]]) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, titles=tuple(names)) for value, names in titles.items())


def find_clarified_flows(offers: Offers) -> tuple[Choice, ...]:
    """The flows that the last reply asked the user to choose from, if it did."""
    last = offers.state.last_message
    if last is None or offers.question is not None:
        return ()
    options = [
        flow_id
        for command in last.understanding.commands
        if isinstance(command, cmd.Clarify)
        for flow_id in command.options
    ]
    flows = [flow for flow in map(offers.flows.find, options) if flow is not None]
    return tuple(Choice(value=flow.id, titles=(flow.name, *flow.translations.values())) for flow in flows)


def list_languages(spoken: SlotValue, configured: Sequence[str]) -> tuple[str, ...]:
    """Language codes to understand, the one being spoken first; `en-US` counts as `en`."""
    codes = [spoken] if isinstance(spoken, str) else []
    return tuple(dict.fromkeys(code.split("-")[0].casefold() for code in (*codes, *configured)))
