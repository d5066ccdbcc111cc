"""A scene as policies look at it: everything for rules; for stories only what stories can know."""

from collections.abc import Sequence
from functools import cached_property

import msgspec

from duologue.core.events import ACTION_LISTEN
from duologue.core.history import Moment
from duologue.dialogue.policies.policy import PolicyScene
from duologue.dialogue.policies.situation import (
    ACTION,
    ACTION_TEXT,
    ENTITIES,
    INTENT,
    LOOP,
    SLOT,
    TEXT,
    Featurizer,
    Situation,
)

UNLIKELY_INTENT = "action_unlikely_intent"
_MESSAGE_KEYS = (INTENT, TEXT, ENTITIES)
_ACTION_KEYS = (ACTION, ACTION_TEXT)


class RuleOnly(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What only rules speak of, so that policies which learn from stories must not see it."""

    slots: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()


class SceneView:
    """Looks at one scene; made anew for every choice."""

    def __init__(
        self,
        scene: PolicyScene,
        featurizer: Featurizer,
        rule_only: RuleOnly,
        *,
        known: Sequence[Situation] | None = None,
        rejected: str | None = None,
    ) -> None:
        """A view of a scene.

        Args:
            known: the situations before the one at hand, where somebody has seen them already.
            rejected: the action that has just declined to run.
        """
        self.scene = scene
        self.featurizer = featurizer
        self._rule_only = rule_only
        self._known = known
        self.rejected = rejected

    @property
    def moment(self) -> Moment:
        """The moment at hand."""
        return self.scene.moments[-1]

    @property
    def is_after_listening(self) -> bool:
        """The user has just spoken."""
        return self.moment.last_action == ACTION_LISTEN

    def list_situations(self, count: int | None = None, *, by_text: bool | None = None) -> list[Situation]:
        """The latest situations, or all; `by_text` says how the message at hand counts."""
        if self._known is not None:
            seen = [*self._known, *self._see([self.moment], by_text)]
            return seen if count is None else seen[-count:]
        moments = self.scene.moments if count is None else self.scene.moments[-count:]
        return self._see(moments, by_text)

    def list_story_situations(
        self, count: int | None = None, *, by_text: bool | None = None
    ) -> list[Situation]:
        """The latest situations without the turns that only rules know of."""
        situations = self.list_story_situations_of(
            self.scene.moments, None if count is None or self._has_hidden else count, by_text=by_text
        )
        return situations if count is None else situations[-count:]

    def list_story_situations_of(
        self, moments: Sequence[Moment], count: int | None = None, *, by_text: bool | None = None
    ) -> list[Situation]:
        """The same of other moments than those of the scene."""
        if count is not None:
            # Situations after an unlikely intent are dropped, so a few more may be needed.
            moments = moments[-count - 2 :]
        seen = self._see(moments, by_text)
        kept = _hide_rule_turns(moments, seen) if self._has_hidden else seen
        for situation in kept:
            for slot in self._rule_only.slots:
                situation.pop(SLOT + slot, None)
            if situation.get(LOOP) in self._rule_only.loops:
                del situation[LOOP]
        return [situation for situation in kept if situation.get(ACTION) != UNLIKELY_INTENT]

    @cached_property
    def _has_hidden(self) -> bool:
        return any(moment.is_hidden for moment in self.scene.moments)

    def _see(self, moments: Sequence[Moment], by_text: bool | None) -> list[Situation]:
        see = self.featurizer.see
        *earlier, last = moments
        latest_by_text = by_text if last.last_action == ACTION_LISTEN else None
        return [*(see(moment) for moment in earlier), see(last, by_text=latest_by_text)]


def _hide_rule_turns(moments: Sequence[Moment], seen: Sequence[Situation]) -> list[Situation]:
    """Leave out what only rules did; the action before is then the latest that stories know of."""
    kept: list[Situation] = []
    action_seen: Situation = {}
    was_hidden = False
    for place, (moment, situation) in enumerate(zip(moments, seen, strict=True)):
        if not was_hidden:
            action_seen = _take(situation, _ACTION_KEYS)
        if place and moment.last_action != moment.active_loop:
            was_hidden = moment.is_hidden
        if was_hidden:
            continue
        shown = situation
        if kept and moment.last_action != ACTION_LISTEN:
            shown = _without(shown, _MESSAGE_KEYS) | _take(kept[-1], _MESSAGE_KEYS)
        if action_seen:
            shown = _without(shown, _ACTION_KEYS) | action_seen
        kept.append(shown)
    return kept


def _take(situation: Situation, keys: Sequence[str]) -> Situation:
    return {key: situation[key] for key in keys if key in situation}


def _without(situation: Situation, keys: Sequence[str]) -> Situation:
    return {key: value for key, value in situation.items() if key not in keys}
