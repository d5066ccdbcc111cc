"""A message and the slots that it may fill."""

from datetime import date

import msgspec

from duologue.understanding.answers.answer import AnswerValue, Span
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.choice import Choice
from duologue.understanding.direction import side_before, side_of


class SlotText(msgspec.Struct, frozen=True, kw_only=True):
    """A slot as words can fill it."""

    name: str
    kind: AnswerKind
    description: str = ""
    choices: tuple[Choice, ...] = ()


class SpottedSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A value that the message gives for a slot nobody asked about yet."""

    slot: str
    value: AnswerValue
    confidence: float
    span: Span
    normalised: str | None = None


class SpotScene(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    slots: tuple[SlotText, ...]
    languages: tuple[str, ...]
    today: date | None
    taken: list[Span]

    def of_kind(self, kind: AnswerKind) -> list[SlotText]:
        return [slot for slot in self.slots if slot.kind is kind]

    def is_free(self, span: Span) -> bool:
        return all(span[1] <= start or span[0] >= end for start, end in self.taken)


def sides_agree(scene: SpotScene, slot: SlotText, span: Span) -> bool:
    """A value said with `to` is not for a slot called `account_from`."""
    said, wanted = side_before(scene.text, span[0]), side_of(slot.name)
    return said is None or wanted is None or said is wanted
