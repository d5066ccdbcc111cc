"""Rules as learned: situations that lead to an action, and how one finds those that fit."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec

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
from duologue.dialogue.policies.slot_features import MUST_BE_EMPTY
from duologue.dialogue.policies.story_events import SNIPPET

_GROUPS = {
    INTENT: ("user", "intent"),
    TEXT: ("user", "text"),
    ENTITIES: ("user", "entities"),
    ACTION: ("prev_action", "action_name"),
    ACTION_TEXT: ("prev_action", "action_text"),
    LOOP: ("active_loop", "name"),
}


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """In these situations, the last of them at hand, this is what to do."""

    key: str
    """The situations as one text; of several rules that fit, the one with the longest says most."""
    situations: tuple[Situation, ...]
    action: str
    is_text: bool = False
    is_hidden: bool = False
    """No story goes this way, so that stories need not know of what the rule does."""


class RuleBook:
    """Finds the rules that fit."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        by_last: defaultdict[tuple[Feature | None, Feature | None], list[Rule]] = defaultdict(list)
        for rule in self.rules:
            last = rule.situations[-1]
            by_last[_action_of(last), last.get(INTENT)].append(rule)
        self._by_last = dict(by_last)

    @cached_property
    def longest(self) -> int:
        """How many situations the longest rule has."""
        return max((len(rule.situations) for rule in self.rules), default=1)

    def list_fitting(self, situations: Sequence[Situation]) -> list[Rule]:
        """Every rule that fits; `situations` end with the one at hand."""
        last = situations[-1]
        action, intent = _action_of(last), last.get(INTENT)
        near = self._by_last.get((action, intent), ())
        others = self._by_last.get((action, None), ()) if intent is not None else ()
        return [rule for rule in (*near, *others) if _fits(rule, situations)]

    def find_best(self, situations: Sequence[Situation]) -> Rule | None:
        """The rule that says most of those that fit."""
        fitting = self.list_fitting(situations)
        return max(fitting, key=lambda rule: (len(rule.key), rule.key)) if fitting else None


def make_key(situations: Sequence[Situation]) -> str | None:
    """One text for what a rule is about: the situations since the latest `...`; None if there are none."""
    relevant = take_since_snippet(situations)
    return json.dumps([_nest(situation) for situation in relevant], sort_keys=True) if relevant else None


def take_since_snippet(situations: Sequence[Situation]) -> Sequence[Situation]:
    """The situations behind the latest `...`."""
    for place in reversed(range(len(situations))):
        if situations[place].get(ACTION) == SNIPPET:
            return situations[place + 1 :]
    return situations


def _nest(situation: Situation) -> dict[str, dict[str, Feature]]:
    # Grouped like this the length of the text compares rules as authors of Rasa projects are used to.
    nested: dict[str, dict[str, Feature]] = {}
    for key, value in situation.items():
        group, name = ("slots", key.removeprefix(SLOT)) if key.startswith(SLOT) else _GROUPS[key]
        nested.setdefault(group, {})[name] = value
    return nested


def _action_of(situation: Situation) -> Feature | None:
    return situation.get(ACTION) or situation.get(ACTION_TEXT)


def _fits(rule: Rule, situations: Sequence[Situation]) -> bool:
    for wanted, given in zip(reversed(rule.situations), reversed(situations), strict=False):
        is_beginning, wants_beginning = _action_of(given) is None, _action_of(wanted) is None
        if is_beginning and wants_beginning:
            continue
        if is_beginning or wants_beginning or not _matches(wanted, given):
            return False
    return True


def _matches(wanted: Situation, given: Situation) -> bool:
    for key, value in wanted.items():
        found = given.get(key)
        if value == MUST_BE_EMPTY:
            if found and found != MUST_BE_EMPTY:
                return False
        elif found != value:
            return False
    return True
