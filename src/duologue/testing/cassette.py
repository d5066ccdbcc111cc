"""Cassettes: a language model's answers, recorded once and replayed for ever."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from difflib import SequenceMatcher, unified_diff
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeAlias

from msgspec.structs import replace

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, TextPiece
from duologue.testing.cassette_file import Recording, compute_key, merge_into_file, read_cassette_file
from duologue.testing.scripted_model import split_pieces

CassetteMode: TypeAlias = Literal["replay", "record", "auto"]
"""`replay` asks no model; `record` asks it for everything anew; `auto` asks it for what is not recorded yet."""

_MASKED = "(masked)"
_SHOWN_LINES = 12
_COMPARED = 20
_COMPARED_END = 2000


class CassetteMissError(LanguageModelError):
    """The cassette holds no answer to a request; the text says how to record one."""

    def __init__(self, message: str, *, model: str) -> None:
        super().__init__(message, reason=ModelFailure.BAD_REQUEST, model=model)


class Cassette:
    """One file of recorded answers, for all models of a run. Safe to use from many tasks, and to record into from
    several processes at once.

    An answer fits a request with the same instructions, prompt, schema and options. So a prompt that tells the date
    fits on one day only: fix the clock of the conversation, or name the part that changes in `masks`, regular
    expressions whose matches do not count. A mask that also matches what users say makes different messages the same.

    Requests and answers are kept as they were sent, without credentials, which are no part of a request.
    """

    def __init__(self, path: Path, mode: CassetteMode = "replay", *, masks: Sequence[str] = ()) -> None:
        self.path = path
        self.mode: CassetteMode = mode
        self.misses: list[str] = []
        """What could not be answered, each with the sentence that was raised."""
        self._masks = [re.compile(mask) for mask in masks]
        self._recordings = read_cassette_file(path)
        self._fresh: dict[str, Recording] = {}
        self._used: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def unused(self) -> tuple[Recording, ...]:
        """Recordings that nothing asked for, in the order of the file."""
        return tuple(one for key, one in self._recordings.items() if key not in self._used)

    @property
    def fresh(self) -> tuple[Recording, ...]:
        """What was recorded in this run."""
        return tuple(self._fresh.values())

    def has_model(self, model: str) -> bool:
        """Whether anything was recorded of a model."""
        return any(recording.model == model for recording in self._recordings.values())

    def has_fresh(self, key: str) -> bool:
        """Whether the answer was recorded in this run."""
        return key in self._fresh

    def compute_key(self, model: str, request: ModelRequest) -> str:
        return compute_key(model, request, self._mask)

    def find(self, key: str) -> Recording | None:
        """The answer to replay, if there is one and it may be used."""
        recording = self._fresh.get(key) if self.mode == "record" else self._recordings.get(key)
        if recording is not None:
            self._used.add(key)
        return recording

    def hold(self, key: str) -> asyncio.Lock:
        """Held while a model is asked, so that the same request in another task waits for the one answer."""
        return self._locks.setdefault(key, asyncio.Lock())

    def keep(self, recording: Recording) -> None:
        """Add an answer; it is in the file after `save`, without what is masked."""
        request = recording.request
        masked = replace(request, prefix=self._mask(request.prefix), prompt=self._mask(request.prompt))
        recording = replace(recording, request=masked)
        self._fresh[recording.key] = self._recordings[recording.key] = recording
        self._used.add(recording.key)

    def miss(self, model: str, request: ModelRequest) -> CassetteMissError:
        """The error for a request without an answer; remembered too, in case somebody swallows it."""
        message = f"{self.path} holds no answer to this request to {model}; record it. {self._compare(model, request)}"
        self.misses.append(message)
        return CassetteMissError(message, model=model)

    def prune(self) -> int:
        """Drop the recordings that nothing asked for; how many they were. Call it after a run of every test only."""
        stale = frozenset(recording.key for recording in self.unused)
        if stale:
            self._recordings = {key: one for key, one in self._recordings.items() if key not in stale}
            merge_into_file(self.path, self._fresh.values(), dropped=stale)
        return len(stale)

    def save(self) -> None:
        """Write what was recorded; a cassette that only replays writes nothing."""
        if self._fresh:
            merge_into_file(self.path, self._fresh.values())

    def assert_complete(self) -> None:
        """Raise `AssertionError` unless every request was answered and every recording was used."""
        assert not self.misses, "\n".join(self.misses)
        names = [_name_prompt(recording.request.prompt) for recording in self.unused]
        assert not names, (
            f"{len(names)} recordings of {self.path} were not used; record it again if they are stale: {names[:5]}"
        )

    def _mask(self, text: str) -> str:
        for mask in self._masks:
            text = mask.sub(_MASKED, text)
        return text

    def _compare(self, model: str, request: ModelRequest) -> str:
        """What differs from the recorded request that is most alike."""
        nearest = find_nearest_recording(model, request, self._recordings.values())
        if nearest is None:
            return "It holds no request yet."
        recorded = nearest.request
        lines: list[str] = []
        for what, old, new in (
            ("the instructions", recorded.prefix, request.prefix),
            ("the prompt", recorded.prompt, request.prompt),
        ):
            if self._mask(old) != self._mask(new):
                lines += [f"in {what}:", *_list_changes(self._mask(old), self._mask(new))]
        if recorded.schema != request.schema:
            lines.append("the schema of the answer")
        for name in ("max_tokens", "temperature"):
            old, new = getattr(recorded, name), getattr(request, name)
            if old != new:
                lines.append(f"{name}: {old} was recorded, {new} is asked")
        if not lines:
            return f"The same was recorded of {nearest.model} only."
        return "From the nearest request recorded it differs\n" + "\n".join(f"  {line}" for line in lines)


class CassetteLanguageModel:
    """A `LanguageModel` that answers from a cassette, or asks the model behind it and records the answer.

        async with CassetteLanguageModel(model, Path("tests/answers.json"), mode="auto") as recorded: ...

    At the end of the `async with` what was recorded is written, and everything that the cassette holds must have been
    used. Of two requests that are the same the second gets the first one's answer, when recording as when replaying.
    Failures are not recorded. See `Cassette` for what must not change between recording and replaying.
    """

    def __init__(
        self,
        model: LanguageModel | None,
        cassette: Cassette | Path,
        mode: CassetteMode = "replay",
        *,
        name: str | None = None,
        masks: Sequence[str] = (),
        keeps_pace: bool = False,
    ) -> None:
        """`model` is borrowed; only `replay` does without one. `mode` and `masks` count for a cassette given by path.

        Args:
            name: under which the answers are recorded, so that another model behind it needs no new recording.
            keeps_pace: a replayed answer takes as long as the recorded one took.
        """
        self.cassette = cassette if isinstance(cassette, Cassette) else Cassette(cassette, mode, masks=masks)
        if model is None and self.cassette.mode != "replay":
            raise ValueError("Recording needs a model to ask.")
        self._model = model
        self._name = name or (model.name if model is not None else "model")
        self._keeps_pace = keeps_pace

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cassette.save()
        if exception is None:
            self.cassette.assert_complete()

    @property
    def name(self) -> str:
        return self._name

    async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        """The recorded answer, else that of the model behind.

        Raises:
            CassetteMissError: there is none, and no model may be asked.
            LanguageModelError: the model behind failed.
        """
        key = self.cassette.compute_key(self._name, request)
        async with self.cassette.hold(key):
            recording = self.cassette.find(key)
            if recording is None:
                async with aclosing(self._record(key, request)) as answer:
                    async for item in answer:
                        yield item
                return
        if self._keeps_pace:
            await asyncio.sleep(recording.milliseconds / 1000)
        for piece in split_pieces(recording.text):
            yield TextPiece(text=piece)
        if not recording.is_cut_off:
            yield _make_end(recording)

    async def _record(self, key: str, request: ModelRequest) -> AsyncGenerator[TextPiece | AnswerEnd]:
        if self._model is None or self.cassette.mode == "replay":
            raise self.cassette.miss(self._name, request)
        text: list[str] = []
        began = time.perf_counter()

        def keep(end: AnswerEnd | None) -> None:
            recording = Recording(
                key=key,
                model=self._name,
                request=request,
                text="".join(text),
                is_cut_off=end is None,
                milliseconds=(time.perf_counter() - began) * 1000,
            )
            self.cassette.keep(_add_end(recording, end) if end is not None else recording)

        stream = self._model.stream(request)
        try:
            async for item in stream:
                if isinstance(item, AnswerEnd):
                    keep(item)  # before it is handed on: whoever reads it need not come back for more
                    yield item
                    return
                text.append(item.text)
                yield item
        except GeneratorExit:  # whoever reads had enough, and will have enough of the replayed answer too
            if not self.cassette.has_fresh(key):
                keep(None)
            raise
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    async def check(self) -> None:
        if self._model is not None and self.cassette.mode != "replay":
            await self._model.check()

    async def close(self) -> None:
        """Write what was recorded. The model behind is borrowed, and stays open."""
        self.cassette.save()


def find_nearest_recording(
    model: str, request: ModelRequest, recordings: Iterable[Recording]
) -> Recording | None:
    """The recording that is most like a request to a model, by its prompt and then by the rest."""
    lines = set(request.prompt.split("\n"))

    def share_lines(recording: Recording) -> tuple[float, bool, bool]:
        others = set(recording.request.prompt.split("\n"))
        is_same_prefix = recording.request.prefix == request.prefix
        return len(lines & others) / len(lines | others), is_same_prefix, recording.model == model

    likely = sorted(recordings, key=share_lines, reverse=True)[:_COMPARED]
    return max(likely, key=lambda one: _compare_ends(one.request.prompt, request.prompt), default=None)


def _compare_ends(one: str, other: str) -> float:
    # What the user says stands at the end of a prompt.
    return SequenceMatcher(None, one[-_COMPARED_END:], other[-_COMPARED_END:], autojunk=False).ratio()


def _list_changes(old: str, new: str) -> list[str]:
    """The lines that are only in one of the texts, `-` as recorded, `+` as asked."""
    changes = [
        line
        for line in unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=0)
        if not line.startswith(("---", "+++", "@@"))
    ]
    more = len(changes) - _SHOWN_LINES
    return [*changes[:_SHOWN_LINES], *([f"… and {more} lines more"] if more > 0 else [])]


def _name_prompt(prompt: str) -> str:
    lines = [line for line in prompt.splitlines() if line.strip()]
    return lines[-1].strip()[:80] if lines else ""


def _add_end(recording: Recording, end: AnswerEnd) -> Recording:
    return replace(recording, answered_by=end.model, usage=end.usage, finish_reason=end.finish_reason)


def _make_end(recording: Recording) -> AnswerEnd:
    return AnswerEnd(
        model=recording.answered_by, usage=recording.usage, finish_reason=recording.finish_reason
    )
