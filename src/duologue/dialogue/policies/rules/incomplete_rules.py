"""Rules that forget what an action does elsewhere: they would never fit."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from duologue.core.events import ActionExecuted, LoopActivated, SlotWasSet, UserSpoke
from duologue.dialogue.policies.finding import Finding
from duologue.dialogue.policies.situation import ACTION, LOOP, SLOT, Featurizer
from duologue.dialogue.policies.slot_features import MUST_BE_EMPTY
from duologue.dialogue.policies.story_events import SNIPPET
from duologue.dialogue.policies.story_examples import StoryExample, walk_path
from duologue.dialogue.policies.story_paths import StepPlace, StoryPath


class _Effects(msgspec.Struct):
    """What an action does in some rule: slots it sets, loops it starts or ends."""

    slots: set[str]
    loops: set[str]


def find_incomplete_rules(rules: Sequence[StoryPath], featurizer: Featurizer) -> tuple[Finding, ...]:
    """Rules in which an action does not do what it does in others."""
    effects = _gather_effects(rules, featurizer)
    found: list[Finding] = []
    for path in rules:
        place: StepPlace | None = None
        for example in walk_path(path, featurizer):
            found.extend(_compare(example, effects, place))
            place = example.place
    return tuple(dict.fromkeys(found))


def find_long_rules(rules: Sequence[StoryPath]) -> tuple[Finding, ...]:
    """Rules with more than one message of the user."""
    found: list[Finding] = []
    for path in rules:
        said = [position for position, event in enumerate(path.events) if isinstance(event, UserSpoke)]
        if len(said) > 1:
            message = (
                f"The rule `{path.name}` has more than one message of the user. "
                "A rule is one turn; write a story instead."
            )
            found.append(_note(path, path.find_place(said[1]), message))
    return tuple(found)


def _gather_effects(rules: Sequence[StoryPath], featurizer: Featurizer) -> dict[str, _Effects]:
    effects: defaultdict[str, _Effects] = defaultdict(lambda: _Effects(set(), set()))
    for path in rules:
        action = ""
        for event in path.events:
            match event:
                case ActionExecuted():
                    action = event.name
                case UserSpoke():
                    action = ""  # What the message sets is not the action's doing.
                case SlotWasSet() if action and event.name in featurizer.slots:
                    effects[action].slots.add(event.name)
                case LoopActivated() if action:
                    effects[action].loops.add(event.name or MUST_BE_EMPTY)
                case _:
                    pass
    return dict(effects)


def _compare(
    example: StoryExample, effects: dict[str, _Effects], place: StepPlace | None
) -> Iterator[Finding]:
    """What the last action, which was written at `place`, does elsewhere and not here."""
    situation = example.situations[-1]
    action = str(situation.get(ACTION, ""))
    known = effects.get(action)
    if known is None or SNIPPET in (action, example.action):
        return
    path = example.path
    missing = sorted(name for name in known.slots if SLOT + name not in situation)
    if missing:
        yield _note(
            path,
            place,
            f"In the rule `{path.name}` the action `{action}` does not set "
            f"{_quote(missing)}, which it sets in other rules. Add `slot_was_set` after it (`null` if the "
            "slot stays empty), or `wait_for_user_input: false` to the rule if it is its last action.",
        )
    if known.loops and situation.get(LOOP) not in known.loops:
        names = ["null" if name == MUST_BE_EMPTY else name for name in sorted(known.loops)]
        yield _note(
            path,
            place,
            f"In the rule `{path.name}` the form `{action}` does not set `active_loop` to "
            f"{_quote(names)}, as it does in other rules. Add `active_loop` after it, or "
            "`wait_for_user_input: false` to the rule if it is its last action.",
        )


def _note(path: StoryPath, place: StepPlace | None, message: str) -> Finding:
    return Finding(
        message=message,
        source=place.source if place else path.source,
        step=place.position if place else None,
        sources=path.sources,
    )


def _quote(names: Sequence[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
