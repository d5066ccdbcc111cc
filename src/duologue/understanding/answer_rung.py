"""The rung of certain answers: buttons' titles, typed values and listed choices for the question just asked."""

import re
from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from duologue.core import commands as cmd
from duologue.core.messages import UserMessage
from duologue.core.slots import MappingType, SlotType
from duologue.core.understanding import Evidence, Understanding
from duologue.core.values import SlotValue
from duologue.flows.offers import Offers, may_be_filled_by_words
from duologue.understanding.answers.answer import Answer
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.choice import recognise_choice
from duologue.understanding.answers.duration import find_unit, recognise_duration
from duologue.understanding.answers.recognition import recognise_answer
from duologue.understanding.date_form import write_date, write_time
from duologue.understanding.ladder import MAX_CHARACTERS
from duologue.understanding.open_question import (
    OpenQuestion,
    find_open_question,
    list_languages,
)
from duologue.understanding.payloads import understand_payload

SURE = 0.75
"""Confidence from which an answer is taken without asking any other rung."""
_PLAIN = 0.9
"""Confidence of a message that is nothing but the answer."""

OPEN_KINDS = frozenset({AnswerKind.FREE_TEXT, AnswerKind.PERSON_NAME, AnswerKind.IDENTIFIER})
"""Kinds for which nearly any words are an answer, so that other readings must be weighed against it."""


class PayloadRung:
    """Exact payloads of buttons and programs."""

    name = "payload"

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        return understand_payload(message.text, offers)

    def warm_up(self) -> None:
        """Nothing to make ready."""


class FoundAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A value for the open question."""

    question: OpenQuestion
    value: SlotValue
    confidence: float
    is_button: bool = False

    def to_command(self) -> cmd.SetSlot:
        extractor = "BUTTON" if self.is_button else "LOCAL"
        return cmd.SetSlot(name=self.question.slot.name, value=self.value, extractor=extractor)


class AnswerRung:
    """Answers that leave no doubt."""

    name = "answer"

    def __init__(self, languages: Sequence[str], today: Callable[[], date]) -> None:
        self._languages = tuple(languages)
        self._today = today

    def warm_up(self) -> None:
        """Compile the patterns of every kind of answer, whichever language is spoken."""
        for spoken in self._languages:
            languages = list_languages(spoken, self._languages)
            for kind in AnswerKind:
                recognise_answer("x", kind=kind, languages=languages, today=self._today())

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        if len(message.text) > MAX_CHARACTERS:
            return None
        languages = list_languages(offers.slots.get("language"), self._languages)
        question = find_open_question(offers, languages[0])
        if question is None:
            return None
        if _takes_whole_text(question, offers):
            command = cmd.SetSlot(name=question.slot.name, value=message.text, extractor="NLU")
            evidence = Evidence(rung=self.name, reason=f"from_text for {question.slot.name}")
            return Understanding(commands=(command,), evidence=(evidence,))
        found = find_answer(message.text, question, languages, self._today())
        if found is None or not _is_certain(found, message.text, languages):
            return None
        evidence = Evidence(
            rung=self.name, confidence=found.confidence, reason=f"{question.kind} for {question.slot.name}"
        )
        return Understanding(commands=(found.to_command(),), evidence=(evidence,))


def _takes_whole_text(question: OpenQuestion, offers: Offers) -> bool:
    """Whether the slot's mapping says that whatever the user writes is its value."""
    return any(
        mapping.type is MappingType.FROM_TEXT
        and offers.applies(mapping)
        and not (mapping.intents or mapping.not_intents)  # which intent it is, the trained part knows
        for mapping in question.slot.mappings
    )


def _is_certain(found: FoundAnswer, text: str, languages: Sequence[str]) -> bool:
    if found.is_button and found.confidence >= SURE:
        return True
    if found.confidence < SURE or found.question.kind in OPEN_KINDS:
        return False
    if found.question.kind is AnswerKind.CHOICE and _has_other_digits(text, str(found.value)):
        return False
    # With more words around it there may be more to understand: a correction, a second answer, another wish.
    return found.confidence >= _PLAIN


def _has_other_digits(text: str, value: str) -> bool:
    """Whether a listed value came with a number of its own: `a double room for 2`."""
    own = {char for char in value if char.isdigit()}
    return any(char.isdigit() and char not in own for char in text) and any(char.isalpha() for char in text)


def find_answer(
    text: str, question: OpenQuestion, languages: Sequence[str], today: date
) -> FoundAnswer | None:
    """The answer in the message, however sure; buttons and listed values first."""
    button = _find_button(text, question)
    if button is not None:
        return button
    slot = question.slot
    if question.choices and slot.type is not SlotType.BOOL:
        chosen = recognise_choice(text, choices=question.choices, languages=languages, topic=question.topic)
        if isinstance(chosen, Answer):
            return FoundAnswer(
                question=question,
                value=chosen.value,
                confidence=chosen.confidence,
                is_button=any(str(value) == chosen.value for _, value in question.button_values),
            )
    if not may_be_filled_by_words(slot) or question.kind is AnswerKind.CHOICE:
        return None
    if question.kind is AnswerKind.NUMBER and (unit := find_unit(slot.name)) is not None:
        lasting = recognise_duration(text, unit, languages=languages)
        if lasting is not None:
            return FoundAnswer(question=question, value=lasting.value, confidence=lasting.confidence)
    found = recognise_answer(text, kind=question.kind, languages=languages, today=today, topic=question.topic)
    if not isinstance(found, Answer):
        return None
    value = found.value
    if question.kind is AnswerKind.DATE and value == found.normalised:
        value = write_date(text, found.span, found.normalised, question.date_form)
    if question.kind is AnswerKind.TIME and found.normalised is not None and value == found.normalised:
        value = write_time(text, found.span, found.normalised, question.date_form)
    if question.kind is AnswerKind.FREE_TEXT and not question.is_prose and isinstance(value, str):
        value = _without_article(value)
    return FoundAnswer(question=question, value=value, confidence=found.confidence)


_ARTICLE = re.compile(
    r"(?:the|an?|my|our|some|der|die|das|den|dem|eine?[nmr]?|meine?[nmr]?|le|la|les|un|une|el|los|las|una|il|lo|gli|het|een|os|as|uma?)\s+(?=\w)"
)
_LONGEST_NOUN = 5


def _without_article(value: str) -> str:
    """`the floor lamp` is a `floor lamp`; a capital belongs to a name, and a sentence is left as it is."""
    match = _ARTICLE.match(value) if len(value.split()) <= _LONGEST_NOUN else None
    return value[match.end() :] if match else value


def _find_button(text: str, question: OpenQuestion) -> FoundAnswer | None:
    said = text.strip().casefold()
    for title, value in question.button_values:
        if said in {title.strip().casefold(), str(value).casefold()}:
            return FoundAnswer(question=question, value=value, confidence=1.0, is_button=True)
    return None
