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

_PLACES = 5
"""Actions further back count without their place."""

Features = dict[str, float]


def describe(situations: Sequence[Situation]) -> Features:
    """The features of a stretch of conversation; the last situation is the one at hand."""
    if not situations:
        return {}
    features: Features = {"always": 1.0}
    features.update(_describe_now(situations[-1]))
    features.update(_describe_past(situations))
    if _action_of(situations[0]) is None:
        features.update({f"begun {most} ago": 1.0 for most in (1, 2, 3, 5) if len(situations) <= most + 1})
    return features


def get_words(situations: Sequence[Situation]) -> str | None:
    """The words of the message at hand, where they count and not an intent."""
    text = situations[-1].get(TEXT) if situations else None
    return text if isinstance(text, str) else None


def describe_words(text: str) -> Features:
    """The words of a message."""
    words = [token.word for token in tokenise(text)]
    share = 1.0 / max(1.0, len(words)) ** 0.5
    features = {f"word:{word}": share for word in words}
    return features | {f"text:{' '.join(words)}": 1.0}


def _describe_now(now: Situation) -> Iterator[tuple[str, float]]:
    action, intent, loop = _action_of(now), now.get(INTENT), now.get(LOOP)
    heard = action == ACTION_LISTEN
    yield f"action={action}", 1.0
    yield f"loop={loop}", 1.0
    yield f"action+loop={action}|{loop}", 1.0
    if intent is not None:
        # The intent stays known while the assistant acts; right after the message it decides.
        yield f"intent{'!' if heard else ''}={intent}", 1.0
        yield f"intent+action={intent}|{action}", 1.0
        yield f"intent+loop={intent}|{loop}|{heard}", 1.0
    for entity in now.get(ENTITIES, ()):
        yield f"entity={entity}", 1.0
        if heard:
            yield f"entity+intent={entity}|{intent}", 1.0
    for key, value in now.items():
        if key.startswith(SLOT) and isinstance(value, tuple):
            yield from _describe_slot(key, value, f"{intent}|{action}")


def _describe_slot(key: str, value: tuple[str | float, ...], beside: str) -> Iterator[tuple[str, float]]:
    if all(number in (0.0, 1.0) for number in value):
        yield f"{key}={value}", 1.0
        yield f"{key}={value}|{beside}", 1.0
        return
    for place, number in enumerate(value):
        if number:
            yield f"{key}.{place}", float(number)
            yield f"{key}.{place}|{beside}", float(number)


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
            yield f"action-{distance}={action}", 1.0 / distance**0.5
        else:
            yield f"earlier action={action}", 0.3
    if len(actions) > 1:
        yield f"actions={actions[-2]}|{now}", 1.0
        yield f"asked={actions[-2]}|{now}|{intent}", 1.0
    if len(actions) > 2:
        yield f"three actions={actions[-3]}|{actions[-2]}|{now}", 0.7
    for distance, earlier in enumerate(reversed(intents[:-1] if now == ACTION_LISTEN else intents), start=1):
        if earlier is None:
            continue
        yield f"intent-{min(distance, 4)}={earlier}", 0.5 / distance**0.5
        if distance == 1:
            yield f"two intents={earlier}|{intent}", 0.4


def _action_of(situation: Situation) -> Feature | None:
    return situation.get(ACTION) or situation.get(ACTION_TEXT)
