"""Remembers stories word for word: does what a story did in exactly the same situation."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from duologue.core.events import ACTION_LISTEN
from duologue.core.history import Moment
from duologue.dialogue.policies.options import AUGMENTED_MEMORY, MEMORY, MemoryOptions
from duologue.dialogue.policies.policy import Prediction
from duologue.dialogue.policies.situation import ACTION, Situation, format_situations
from duologue.dialogue.policies.story_examples import StoryExample
from duologue.dialogue.policies.view import UNLIKELY_INTENT, SceneView

FILE = "memory.json"


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """What a story did."""

    action: str
    is_text: bool = False


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    memory: dict[str, Remembered]
    longest: int = 0


class MemoizationPolicy:
    """Looks a situation up in the stories."""

    def __init__(
        self,
        options: MemoryOptions,
        memory: Mapping[str, Remembered] | None = None,
        *,
        forgets: bool = False,
        longest: int = 0,
    ) -> None:
        """A memory; empty until it has learned.

        Args:
            forgets: where nothing fits, the oldest part of the conversation is forgotten bit by bit.
            longest: how many situations the longest memory has.
        """
        self.options = options
        self._memory = memory or {}
        self._forgets = forgets
        self._longest = longest

    @property
    def name(self) -> str:
        return AUGMENTED_MEMORY if self._forgets else MEMORY

    @property
    def priority(self) -> int:
        return self.options.priority

    def learn(self, examples: Iterable[StoryExample]) -> "MemoizationPolicy":
        """The policy with the examples in its memory; a situation that led to two actions is forgotten."""
        memory: dict[str, Remembered] = {}
        doubtful: set[str] = set()
        longest = 0
        for example in examples:
            if example.path.is_augmented or example.action == UNLIKELY_INTENT:
                continue
            known = [one for one in example.situations if one.get(ACTION) != UNLIKELY_INTENT]
            longest = max(longest, min(len(known), self.options.max_history or len(known)))
            key = self._make_key(known)
            found = Remembered(example.action, example.is_text)
            if key in doubtful:
                continue
            if memory.setdefault(key, found) != found:
                doubtful.add(key)
                del memory[key]
        return MemoizationPolicy(self.options, memory, forgets=self._forgets, longest=longest)

    def predict(self, view: SceneView) -> Prediction | None:
        """What a story did in the situation at hand; None if there is no such story."""
        if not self._memory:
            return None
        found = self._recall(view)
        if found is None:
            return None
        return Prediction(
            action=None if found.is_text else found.action,
            text=found.action if found.is_text else None,
            confidence=self._rate(view.moment),
            policy=self.name,
            priority=self.priority,
            is_end_to_end=False,
        )

    def dump(self) -> Mapping[str, bytes]:
        stored = _Stored(memory=dict(self._memory), longest=self._longest)
        return {FILE: msgspec.json.encode(stored, order="sorted")}

    def restore(self, files: Mapping[str, bytes]) -> "MemoizationPolicy":
        """The policy with what was dumped."""
        stored = msgspec.json.decode(files[FILE], type=_Stored)
        return MemoizationPolicy(self.options, stored.memory, forgets=self._forgets, longest=stored.longest)

    def _recall(self, view: SceneView) -> Remembered | None:
        situations = view.list_story_situations(self.options.max_history, by_text=False)
        found = self._memory.get(self._make_key(situations))
        if found is not None or not self._forgets:
            return found
        previous = situations
        for moments in self._forget_bit_by_bit(view.scene.moments):
            situations = view.list_story_situations_of(moments, by_text=False)
            if situations != previous:
                found = self._memory.get(self._make_key(situations))
                if found is not None:
                    return found
            previous = situations
        return None

    def _forget_bit_by_bit(self, moments: Sequence[Moment]) -> Iterable[tuple[Moment, ...]]:
        """The conversation as if it had begun with its first action, with its second, and so on."""
        first = _find_beginning(moments, self.options.max_history)
        if not self.options.max_history:
            first = max(first, _find_reach(moments, self._longest))
        for start in range(first, len(moments) - 1):
            yield _begin_at(moments, start)

    def _make_key(self, situations: Sequence[Situation]) -> str:
        count = self.options.max_history
        text = format_situations(situations[-count:] if count else situations)
        # Situations are only ever compared as wholes, and written out they would be most of an archive.
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    def _rate(self, moment: Moment) -> float:
        if self.options.use_nlu_confidence_as_score and moment.intent is not None:
            return moment.intent.confidence
        return 1.0


def _find_reach(moments: Sequence[Moment], longest: int) -> int:
    """Where at the earliest a conversation begins that is no longer than the longest memory."""
    visible = 0
    for place in reversed(range(len(moments))):
        # Whether a turn inside a loop is hidden depends on those before it, so it is not counted.
        visible += not moments[place].is_hidden and moments[place].active_loop is None
        if visible > longest + 1:
            return place
    return 0


def _find_beginning(moments: Sequence[Moment], most: int | None) -> int:
    """Moments before the latest `most` do not count, yet the message of a turn is kept whole."""
    if not most:
        return 0
    for place in reversed(range(len(moments) - 1)):
        chosen = moments[place + 1].last_action
        if len(moments) - 1 - place > most and chosen == ACTION_LISTEN:
            return place
    return 0


def _begin_at(moments: Sequence[Moment], start: int) -> tuple[Moment, ...]:
    """The conversation as if the action chosen at `start` were its first; what was set before is not set."""
    before = moments[start]
    kept = [Moment(is_hidden=before.is_hidden)]
    changed: set[str] = set()
    has_spoken = has_loop = False
    for moment in moments[start + 1 :]:
        changed |= {
            name
            for name, value in moment.slots.items()
            if name not in before.slots or before.slots[name] != value
        }
        changed |= {name for name in before.slots if name not in moment.slots}
        has_spoken = has_spoken or moment.last_action == ACTION_LISTEN
        has_loop = has_loop or moment.active_loop != before.active_loop
        kept.append(
            msgspec.structs.replace(
                moment,
                slots={name: value for name, value in moment.slots.items() if name in changed},
                intent=moment.intent if has_spoken else None,
                entities=moment.entities if has_spoken else (),
                text=moment.text if has_spoken else None,
                active_loop=moment.active_loop if has_loop else None,
            )
        )
    return tuple(kept)
