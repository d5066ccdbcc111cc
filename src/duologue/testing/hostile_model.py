"""A language model that means harm: garbage, floods, commands that nobody offered, answers that never end."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.values import OpenData, SlotValue
from duologue.ports.language_model import AnswerEnd, ModelRequest, ModelUsage, TextPiece

_HUGE = 10_000_000
_PIECE = 65_536
_ENDLESS_PIECES = 1_000_000
_CONTROL = "".join(map(chr, range(32))) + "\u2028\u2029\u200b\ufeff\u202e\x7f\ud7ff\ue000"


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The words an attacker would use: what the assistant knows, and what it must not do."""

    flows: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    values: tuple[str, ...] = (
        "50",
        "-1",
        "1e309",
        "true",
        "None",
        "null",
        "{}",
        "[1, 2]",
        "' OR 1=1 --",
        "ünïcödé",
    )


class HostileLanguageModel:
    """A `LanguageModel` that answers by chance, the same for the same seed, and tries everything.

    With `is_patient` false it leaves out what takes real time (stalls, endless streams, answers of 10 MB), so that a
    million answers are a matter of minutes.
    """

    def __init__(self, vocabulary: Vocabulary, *, seed: int = 0, is_patient: bool = True) -> None:
        self._words = vocabulary
        self._chance = random.Random(seed)
        self._kinds: Sequence[Callable[[ModelRequest], AsyncIterator[TextPiece | AnswerEnd]]] = (
            *[self._speak] * (14 if is_patient else 40),
            self._break_off,
            self._refuse,
            self._say_nothing,
            *([self._stall, self._never_end, self._drip, self._shout] if is_patient else []),
        )
        self.answers = 0
        """How many answers it was asked for."""

    @property
    def name(self) -> str:
        return "hostile/model"

    def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        """Whatever comes to its mind."""
        self.answers += 1
        return self._chance.choice(self._kinds)(request)

    async def check(self) -> None:
        pass

    async def close(self) -> None:
        pass

    # How it answers

    async def _speak(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        text = self._compose(request)
        step = self._chance.choice((1, 7, 200, max(1, len(text))))
        for start in range(0, min(len(text), 400 * step), step):
            yield TextPiece(text=text[start : start + step])
        tokens = self._chance.choice((0, -5, 2**40, len(text)))
        yield AnswerEnd(
            model=self._chance.choice(("", "x" * 500, "hostile")),
            usage=ModelUsage(input_tokens=tokens, output_tokens=tokens),
            finish_reason=self._chance.choice(("stop", "length", "content_filter", "")),
        )

    async def _break_off(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        text = self._compose(request)
        yield TextPiece(text=text[: self._chance.randrange(len(text) + 1)])
        if self._chance.random() < 0.5:
            raise LanguageModelError("It broke off.", reason=ModelFailure.BROKEN_OFF, model=self.name)

    async def _refuse(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        if self._chance.random() < 0.2:
            raise self._chance.choice(
                (ValueError("surprise"), OSError(104, "reset"), UnicodeError("bad bytes"))
            )
        raise LanguageModelError(
            "Not now.",
            reason=self._chance.choice(list(ModelFailure)),
            model=self.name,
            retry_after=self._chance.choice((None, 0.0, -1.0, 1e9)),
        )
        yield TextPiece(text="")  # makes this a generator, like its siblings

    async def _say_nothing(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        for _ in range(self._chance.randrange(3)):
            yield TextPiece(text="")
        yield AnswerEnd(model=self.name)

    async def _stall(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        yield TextPiece(text=self._line())
        await asyncio.Event().wait()

    async def _never_end(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        for _ in range(_ENDLESS_PIECES):
            yield TextPiece(text=self._line() + "\n")
            await asyncio.sleep(0)

    async def _drip(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        for _ in range(_ENDLESS_PIECES):
            yield TextPiece(text="" if self._chance.random() < 0.5 else " ")
            await asyncio.sleep(0.001)

    async def _shout(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        line = self._line() + self._chance.choice(("\n", "(", '"', " "))
        text = line * (_HUGE // len(line))
        for start in range(0, len(text), _PIECE):
            yield TextPiece(text=text[start : start + _PIECE])
        yield AnswerEnd(model=self.name)

    # What it says

    def _compose(self, request: ModelRequest) -> str:
        how = self._chance.random()
        if how < 0.6:
            return "\n".join(self._line() for _ in range(self._chance.choice((1, 1, 1, 2, 3, 8, 200))))
        if how < 0.7:
            return self._wrap("\n".join(self._line() for _ in range(self._chance.randrange(1, 4))))
        if how < 0.8:
            return self._json()
        if how < 0.9:
            return request.prompt[-self._chance.randrange(1, 2_000) :]
        return self._garbage()

    def _line(self) -> str:
        flow, slot, value = self._flow(), self._slot(), self._value()
        return self._chance.choice(
            (
                f"start flow {flow}",
                f"StartFlow({flow})",
                f"set slot {slot} {value}",
                f"SetSlot({slot}, {value})",
                f"set slot {slot} {value}\nstart flow {flow}",
                f"disambiguate flows {flow} {self._flow()} {self._flow()}",
                f"Clarify({flow}, {self._flow()})",
                "cancel flow",
                "CancelFlow()",
                "hand over",
                "skip question",
                "SkipQuestion()",
                "repeat message",
                "offtopic reply",
                "provide info",
                "search and reply",
                "session end",
                "restart",
                f"/SetSlots({slot}={value})",
                f"/{flow}",
                "/restart",
                f"correct slots {slot} {value}",
                f"continue agent {flow}",
                self._garbage(),
            )
        )

    def _wrap(self, text: str) -> str:
        return self._chance.choice(
            (
                "```\n{}\n```",
                "<think>{0}</think>\n{0}",
                "Sure! Here you go:\n{}\nAnything else?",
                "<think>{}",
                "1. {}",
                '"{}"',
            )
        ).format(text)

    def _json(self) -> str:
        values: tuple[SlotValue, ...] = (self._value(), 1, None, [], {})
        command: OpenData = {
            "command": self._chance.choice(("start flow", "set slot", "session end", 7, None)),
            "flow": self._flow(),
            "slot": self._slot(),
            "name": self._slot(),
            "value": self._chance.choice(values),
        }
        text = msgspec.json.encode({"commands": [command] * self._chance.choice((1, 2, 500))}).decode()
        return text[: self._chance.choice((len(text), self._chance.randrange(len(text))))]

    def _flow(self) -> str:
        return self._chance.choice(
            (
                *self._words.flows,
                "pattern_session_start",
                "pattern_human_handoff",
                "no_such_flow",
                "",
                "..",
                "*",
            )
        )

    def _slot(self) -> str:
        return self._chance.choice(
            (*self._words.slots, "no_such_slot", "__class__", "session_started_metadata", "flow_hashes", "")
        )

    def _value(self) -> str:
        return self._chance.choice(
            (*self._words.values, *self._words.flows[:3], "x" * 3_000, "a, b", "(a", '"')
        )

    def _garbage(self) -> str:
        alphabet = self._chance.choice((_CONTROL, "(),=\"'", "start flow set slot ", "𝔘🎉ß漢\u0301", "ab \n"))
        return "".join(self._chance.choices(alphabet, k=self._chance.choice((0, 1, 30, 400))))
