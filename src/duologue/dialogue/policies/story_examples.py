"""What paths teach: at each moment of them, the action that follows."""

from collections.abc import Iterator, Sequence

import msgspec

from duologue.core.events import ACTION_LISTEN, ActionExecuted
from duologue.core.history import History, Moment
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import apply_event
from duologue.dialogue.policies.situation import ACTION, Featurizer, Situation
from duologue.dialogue.policies.story_paths import StepPlace, StoryPath


class StoryExample(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of a story."""

    path: StoryPath
    moments: tuple[Moment, ...]
    """As far as a conversation remembers them; the moment of the choice comes last."""
    situations: tuple[Situation, ...]
    """From the beginning of the path; that of the choice comes last."""
    action: str
    """What is chosen; the words themselves where `is_text` is true."""
    place: StepPlace | None = None
    """Where it was written; None for what is only implied."""
    is_text: bool = False
    given: tuple[int, ...] = ()
    """The situations of turns that nothing led to; a rule may take them, unseen by policies."""
    is_given: bool = False
    """Nothing leads to this choice: it is not there to be learned."""


def begin_story() -> State:
    """The state in which a story begins."""
    return State(conversation_id=ConversationId("story"), history=History())


def walk_path(path: StoryPath, featurizer: Featurizer, *, omits_unset: bool = False) -> list[StoryExample]:
    """The choices of one path; what a loop repeats is one choice."""
    state = begin_story()
    situations: list[Situation] = []
    examples: list[StoryExample] = []
    given: list[int] = []
    for position, event in enumerate(path.events):
        if not isinstance(event, ActionExecuted):
            state = apply_event(state, event)
            continue
        history = state.history or History()
        moments = history.list_moments(state.slots)
        situations.append(featurizer.see(moments[-1], omits_unset=omits_unset))
        if position in path.given:
            given += _find_turn(situations)
        examples.append(
            StoryExample(
                path=path,
                moments=moments,
                situations=tuple(situations),
                action=event.name,
                place=path.find_place(position),
                is_text=event.action_text is not None,
                given=tuple(place for place in given if place < len(situations)),
                is_given=position in path.given,
            )
        )
        state = apply_event(state, event)
        grown = len((state.history or History()).moments) - len(history.moments)
        is_forgetful = state.history is not None and not state.history.is_whole and grown == 0
        if grown < 1 and not is_forgetful:
            kept = len(situations) + grown - 1
            del situations[kept:], examples[kept:]
    return examples


def _find_turn(situations: Sequence[Situation]) -> tuple[int, ...]:
    """The places of the action that is chosen now, and of the message that nobody tells to lead to it."""
    place = len(situations)
    return (place - 1, place) if situations[-1].get(ACTION) == ACTION_LISTEN else (place,)


def list_examples(
    paths: Sequence[StoryPath], featurizer: Featurizer, *, omits_unset: bool = False
) -> Iterator[StoryExample]:
    """The choices of all paths that are there to be learned."""
    for path in paths:
        for example in walk_path(path, featurizer, omits_unset=omits_unset):
            if not example.is_given:
                yield example
