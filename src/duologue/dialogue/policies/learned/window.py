"""The latest situations of a conversation as named features, those at hand in detail, earlier ones in outline."""

from collections.abc import Iterator, Sequence

from duologue.core.events import ACTION_LISTEN
from duologue.dialogue.policies.situation import (
    ACTION,
    ACTION_TEXT,
    ENTITIES,
    INTENT,
    LOOP,
    SLOT,
    TEXT,
    Feature,
    Situation,
)
from duologue.understanding.text_features import tokenise

DEFAULT_REACH = 12
"""How far a policy looks back that is told no `max_history`."""

WORDS = "word"
"""The group of the words of a message."""

_PLACES = 5
"""Actions further back count without their place."""

_WEIGHT = 1.4
_WEIGHTS = {
    "action": 1.5,
    "entity": 1.0,
    "loop": 0.7,
    "slot": 0.7,
    "past": 0.7,
    "far": 0.5,
    "begin": 0.5,
}
"""What features of a group count. Surroundings come in great number, and must not outvote what was just heard."""

Features = dict[str, float]
"""Features by name. The name begins with that of a group and `/`, if they are not of the core."""


def find_group(name: str) -> str:
    """The group of a feature; empty for what is at the core of a situation."""
    group, slash, _ = name.partition("/")
    return group if slash and (group in _WEIGHTS or group == WORDS) else ""


def describe(situations: Sequence[Situation]) -> Features:
    """The features of a stretch of conversation; the last situation is the one at hand."""
    if not situations:
        return {}
    features: Features = {"always": 1.0}
    features.update(_describe_now(situations[-1]))
    features.update(_describe_past(situations))
    if _action_of(situations[0]) is None:
        reached = [most for most in (1, 2, 3, 5) if len(situations) <= most + 1]
        features.update({f"begin/begun {most} ago": 1.0 for most in reached})
    return {name: value * _WEIGHTS.get(find_group(name), _WEIGHT) for name, value in features.items()}


def get_words(situations: Sequence[Situation]) -> str | None:
    """The words of the message at hand, where they count and not an intent."""
    text = situations[-1].get(TEXT) if situations else None
    return text if isinstance(text, str) else None


def describe_words(text: str) -> Features:
    """The words of a message."""
    words = [token.word for token in tokenise(text)]
    share = 1.0 / max(1.0, len(words)) ** 0.5
    features = {f"{WORDS}/{word}": share for word in words}
    return features | {f"{WORDS}/text:{' '.join(words)}": 1.0}


def _describe_now(now: Situation) -> Iterator[tuple[str, float]]:
    action, intent, loop = _action_of(now), now.get(INTENT), now.get(LOOP)
    heard = action == ACTION_LISTEN
    yield f"heard={heard}", 1.0
    yield f"action/action={action}", 1.0
    yield f"loop/loop={loop}", 1.0
    yield f"loop/action+loop={action}|{loop}", 1.0
    yield f"in a loop={loop is not None}|{action == loop}|{heard}", 1.0
    yield f"action/action in a loop={action}|{loop is not None}", 1.0
    if intent is not None:
        # Right after the message the intent decides; while the assistant acts it belongs to the past.
        if heard:
            yield f"intent={intent}", 1.0
        else:
            yield f"past/intent={intent}", 1.0
            yield f"past/intent+action={intent}|{action}", 1.0
        yield f"loop/intent+loop={intent}|{loop}|{heard}", 1.0
    for entity in now.get(ENTITIES, ()):
        yield f"entity/entity={entity}", 1.0
        if heard:
            yield f"entity/entity+intent={entity}|{intent}", 1.0
    for key, value in now.items():
        if key.startswith(SLOT) and isinstance(value, tuple):
            yield from _describe_slot(key, value, f"{intent}|{action}")


def _describe_slot(key: str, value: tuple[str | float, ...], beside: str) -> Iterator[tuple[str, float]]:
    if all(number in (0.0, 1.0) for number in value):
        yield f"slot/{key}={value}", 1.0
        yield f"slot/{key}={value}|{beside}", 1.0
        return
    for place, number in enumerate(value):
        if number:
            yield f"slot/{key}.{place}", float(number)
            yield f"slot/{key}.{place}|{beside}", float(number)


def _describe_past(situations: Sequence[Situation]) -> Iterator[tuple[str, float]]:
    actions = [_action_of(situation) for situation in situations]
    intents = [
        situation.get(INTENT) or situation.get(TEXT)
        for situation in situations
        if _action_of(situation) == ACTION_LISTEN
    ]
    now, intent = actions[-1], situations[-1].get(INTENT)
    for distance, action in enumerate(reversed(actions[:-1]), start=1):
        if distance <= _PLACES:
            yield f"{'past' if distance == 1 else 'far'}/action-{distance}={action}", 1.0 / distance**0.5
        else:
            yield f"far/earlier action={action}", 0.3
    if len(actions) > 1:
        yield f"past/actions={actions[-2]}|{now}", 1.0
        yield f"past/asked={actions[-2]}|{now}|{intent}", 1.0
    if len(actions) > 2:
        yield f"far/three actions={actions[-3]}|{actions[-2]}|{now}", 0.7
    for distance, earlier in enumerate(reversed(intents[:-1] if now == ACTION_LISTEN else intents), start=1):
        if earlier is None:
            continue
        yield f"far/intent-{min(distance, 4)}={earlier}", 0.5 / distance**0.5
        if distance == 1:
            yield f"far/two intents={earlier}|{intent}", 0.4


def _action_of(situation: Situation) -> Feature | None:
    return situation.get(ACTION) or situation.get(ACTION_TEXT)
