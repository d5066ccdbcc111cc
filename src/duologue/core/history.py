"""What policies learn from and look back at: the moments at which the assistant had to choose what to do next.

A history is made by the fold of events, like everything else of a state. It keeps to two rules of Rasa Open Source:
what a user took back never happened, and while a loop runs as it should, its repetitions are one.
"""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from duologue.core.understanding import Entity, Intent
from duologue.core.values import SlotValue

MOST_MOMENTS = 50
"""How far a conversation remembers its own moments; a policy without `max_history` looks back as far."""

LISTEN = "action_listen"


class Moment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The situation in which one action was chosen, or in which the next one has to be."""

    intent: Intent | None = None
    """Of the user's latest message; None before the first."""
    entities: tuple[Entity, ...] = ()
    text: str | None = None
    """The user's latest message; None before the first."""
    last_action: str | None = None
    """The action before; `action_listen` means that the user has just spoken. None at the very beginning."""
    action_text: str | None = None
    """The words that the action before said, where it was chosen by words and has no name."""
    active_loop: str | None = None
    is_loop_rejected: bool = False
    """The loop has refused to go on with this message."""
    is_loop_interrupted: bool = False
    slots: dict[str, SlotValue] = {}
    """Slots that were set, with their values."""
    is_hidden: bool = False
    """The action chosen here was a rule's, so that stories do not know of the moment."""
    is_featurized_by_text: bool = False
    """The words of the message count here, and not its intent: the choice was made end to end."""


class History(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The latest moments of a session, oldest first; of each but the first only the slots that changed are kept."""

    moments: tuple[Moment, ...] = ()
    latest: Moment = Moment()
    """The moment at hand, without its slots, which are those of the state."""
    slots: dict[str, SlotValue] = {}
    """All slots as they were at the last of `moments`."""
    is_whole: bool = True
    """No moment of the session has been forgotten."""

    def list_moments(self, slots: Mapping[str, SlotValue]) -> tuple[Moment, ...]:
        """Every moment with all of its slots, the one at hand last; `slots` are those of the state."""
        current: dict[str, SlotValue] = {}
        complete: list[Moment] = []
        for moment in self.moments:
            current = _apply(current, moment.slots)
            complete.append(replace(moment, slots=current))
        return (*complete, replace(self.latest, slots=dict(slots)))


_GONE = {"": None}
"""A slot that was set and is not any more has this mark: no value of an author looks like it."""


def begin(slots: Mapping[str, SlotValue]) -> History:
    """The history of a session of which nothing is known but its slots: it began by listening."""
    return History(moments=(Moment(slots=dict(slots)),), latest=Moment(last_action=LISTEN), slots=dict(slots))


def hear(history: History, text: str, intent: Intent | None, entities: tuple[Entity, ...]) -> History:
    """The user has spoken."""
    known = tuple(
        Entity(entity=one.entity, value=one.value, role=one.role, group=one.group) for one in entities
    )
    latest = replace(history.latest, intent=intent, entities=known, text=text, is_featurized_by_text=False)
    return replace(history, latest=latest)


def act(
    history: History,
    name: str,
    *,
    text: str | None,
    slots: Mapping[str, SlotValue],
    is_hidden: bool,
) -> History:
    """An action was chosen and performed."""
    place = _find_repetition(history, name)
    if place is not None:
        return _repeat(history, place, name)
    chosen = replace(history.latest, slots=_compare(history.slots, slots), is_hidden=is_hidden)
    latest = replace(
        history.latest,
        last_action=name,
        action_text=text,
        is_loop_interrupted=False,
        is_loop_rejected=history.latest.is_loop_rejected and name != history.latest.active_loop,
    )
    return _forget_oldest(
        replace(history, moments=(*history.moments, chosen), latest=latest, slots=dict(slots))
    )


def take_back_message(history: History) -> tuple[History, Moment] | None:
    """The history without the latest message and the listening before it, and the moment that comes back.

    None if it does not reach back so far.
    """
    names = [moment.last_action for moment in history.moments[1:]] + [history.latest.last_action]
    for place in reversed(range(len(names))):
        if names[place] == LISTEN:
            return _go_back(history, place)
    return None


def take_back_action(history: History) -> tuple[History, Moment] | None:
    """The history without the latest action, and the moment that comes back; None if there is none."""
    return _go_back(history, len(history.moments) - 1) if history.moments else None


def _go_back(history: History, place: int) -> tuple[History, Moment]:
    complete = history.list_moments({})
    moment = complete[place]
    before = complete[place - 1].slots if place else {}
    return (
        replace(
            history,
            moments=history.moments[:place],
            latest=replace(moment, slots={}, is_hidden=False),
            slots=before,
        ),
        moment,
    )


def _find_repetition(history: History, name: str) -> int | None:
    """Where the running loop was performed before, if nothing but its own questions and answers came since."""
    latest = history.latest
    if latest.active_loop != name or latest.is_loop_rejected:
        return None
    following = latest
    for place in reversed(range(len(history.moments))):
        moment = history.moments[place]
        if following.active_loop != name:
            return None
        if following.last_action == name:
            return place
        if moment.last_action == LISTEN:  # the user spoke, and something else than the loop answered
            return None
        following = moment
    return None


def _repeat(history: History, place: int, name: str) -> History:
    """The loop goes on: its first round stands for all."""
    complete = history.list_moments({})
    first = history.moments[place]
    latest = replace(
        history.latest,
        intent=first.intent,
        entities=first.entities,
        text=first.text,
        last_action=name,
        action_text=None,
        is_loop_interrupted=False,
        is_loop_rejected=False,
        is_featurized_by_text=first.is_featurized_by_text,
    )
    return replace(history, moments=history.moments[: place + 1], latest=latest, slots=complete[place].slots)


def _forget_oldest(history: History) -> History:
    if len(history.moments) <= MOST_MOMENTS:
        return history
    oldest, second, *others = history.moments
    slots = _apply(_apply({}, oldest.slots), second.slots)
    return replace(history, moments=(replace(second, slots=slots), *others), is_whole=False)


def _compare(before: Mapping[str, SlotValue], after: Mapping[str, SlotValue]) -> dict[str, SlotValue]:
    """What changed."""
    changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return changed | {name: _GONE for name in before if name not in after}


def _apply(before: Mapping[str, SlotValue], changes: Mapping[str, SlotValue]) -> dict[str, SlotValue]:
    merged = {**before, **changes}
    return {name: value for name, value in merged.items() if value != _GONE}
