"""Does what a rule says, keeps loops going, and falls back where nothing is known."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from duologue.core.events import ACTION_LISTEN, ACTION_SESSION_START, LoopInterrupted
from duologue.core.history import Moment
from duologue.dialogue.policies.options import RuleOptions
from duologue.dialogue.policies.policy import Prediction
from duologue.dialogue.policies.rules.rule_book import Rule, RuleBook, make_key
from duologue.dialogue.policies.situation import LOOP, TEXT, Situation
from duologue.dialogue.policies.slot_features import MUST_BE_EMPTY
from duologue.dialogue.policies.view import RuleOnly, SceneView

RULE_POLICY = "RulePolicy"
FILE = "rules.json"

DEFAULT_ACTIONS = {
    "restart": "action_restart",
    "back": "action_back",
    "session_start": ACTION_SESSION_START,
}
"""Intents that always mean the same, whatever stories say."""

INTERRUPTED = "interrupted"
"""Of a situation in a loop: it comes back from something else, and what the user said is no answer."""
NOT_THE_LOOP = "not the loop"
"""Of a situation in a loop: something else than the loop follows."""


class LearnedRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that rules and stories teach this policy."""

    rules: tuple[Rule, ...] = ()
    loop_rules: tuple[Rule, ...] = ()
    """Situations inside loops; their action is `INTERRUPTED` or `NOT_THE_LOOP`."""
    hidden_intents: tuple[str, ...] = ()
    """Intents of `DEFAULT_ACTIONS` that no story has."""
    hidden_loops: tuple[str, ...] = ()
    """Loops that no story leads through."""
    hidden_loop_ends: tuple[str, ...] = ()
    """Loops after which no story listens."""
    rule_only: RuleOnly = RuleOnly()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the policy says, and which rule made it say so."""

    prediction: Prediction
    source: str | None = None
    """Key of the rule, or of the situations that no rule fits; or what else decided."""
    is_fallback: bool = False


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    rule: Rule | None = None
    action: str | None = None
    source: str | None = None
    is_text: bool = False
    comes_back: bool = False


class RulePolicy:
    """The rules of an assistant."""

    def __init__(self, options: RuleOptions, learned: LearnedRules | None = None) -> None:
        self.options = options
        self.learned = learned or LearnedRules()
        self._rules = RuleBook(self.learned.rules)
        self._loop_rules = RuleBook(self.learned.loop_rules)
        self._knows_words = any(TEXT in one for rule in self._rules.rules for one in rule.situations)
        self._reach = max(self._rules.longest, self._loop_rules.longest)

    @property
    def name(self) -> str:
        return RULE_POLICY

    @property
    def priority(self) -> int:
        return self.options.priority

    def predict(self, view: SceneView) -> Prediction:
        """What the rules say of the moment at hand."""
        return self.judge(view).prediction

    def judge(self, view: SceneView, *, explains: bool = False) -> Verdict:
        """The prediction with its reason.

        Args:
            explains: the situations that no rule fits are named too, which costs time.
        """
        count = None if explains else self._reach
        by_text = (
            self._find(view.list_situations(count, by_text=True), view.moment, explains=explains)
            if view.is_after_listening and self._knows_words
            else _Found()
        )
        if by_text.action is None and (verdict := self._follow_default(view)):
            return verdict
        if verdict := self._follow_loop(view.moment):
            return verdict
        if by_text.action is not None:
            return self._follow_rule(view, by_text, comes_back=by_text.comes_back, is_end_to_end=True)
        found = self._find(view.list_situations(count, by_text=False), view.moment, explains=explains)
        comes_back = by_text.comes_back or found.comes_back
        return self._follow_rule(view, found, comes_back=comes_back, is_end_to_end=False)

    def dump(self) -> Mapping[str, bytes]:
        return {FILE: msgspec.json.encode(self.learned, order="sorted")}

    def restore(self, files: Mapping[str, bytes]) -> "RulePolicy":
        """The policy with what was dumped."""
        return RulePolicy(self.options, msgspec.json.decode(files[FILE], type=LearnedRules))

    def _follow_default(self, view: SceneView) -> Verdict | None:
        intent = view.moment.intent
        if intent is None or not view.is_after_listening or intent.name not in DEFAULT_ACTIONS:
            return None
        return Verdict(
            prediction=self._make(
                DEFAULT_ACTIONS[intent.name],
                confidence=self._rate(view.moment),
                hide_rule_turn=intent.name in self.learned.hidden_intents,
                is_end_to_end=False,
            ),
            source=name_intent_source(intent.name),
        )

    def _follow_loop(self, moment: Moment) -> Verdict | None:
        """A loop that has not refused goes on, and listens when it has asked."""
        loop = _active_loop_of(moment)
        if loop is None or moment.is_loop_rejected or moment.last_action is None:
            return None
        if moment.last_action == loop:
            action, hidden = ACTION_LISTEN, self.learned.hidden_loop_ends
        else:
            action, hidden = loop, self.learned.hidden_loops
        return Verdict(
            prediction=self._make(
                action,
                confidence=self._rate(moment),
                hide_rule_turn=loop in hidden,
                is_no_user_prediction=True,
            ),
            source=name_loop_source(loop, has_asked=action == ACTION_LISTEN),
        )

    def _follow_rule(
        self, view: SceneView, found: _Found, *, comes_back: bool, is_end_to_end: bool
    ) -> Verdict:
        if found.action is None:
            prediction = self._fall_back()
        else:
            prediction = self._make(
                found.action,
                is_text=found.is_text,
                confidence=self._rate(view.moment),
                is_end_to_end=is_end_to_end,
                hide_rule_turn=found.rule is not None and found.rule.is_hidden,
            )
        if comes_back:
            event = LoopInterrupted(is_interrupted=True)
            prediction = replace(prediction, events=(event,), are_events_optional=False)
        return Verdict(prediction=prediction, source=found.source, is_fallback=found.action is None)

    def _find(self, situations: list[Situation], moment: Moment, *, explains: bool) -> _Found:
        rule = self._rules.find_best(situations)
        source = rule.key if rule else make_key(situations) if explains else None
        action = rule.action if rule else None
        is_text = rule is not None and rule.is_text
        loop = _active_loop_of(moment)
        if loop is None:
            return _Found(rule=rule, action=action, source=source, is_text=is_text)
        marks = {known.action for known in self._loop_rules.list_fitting(situations)}
        if rule is not None and action == ACTION_LISTEN and not _knows_loop(rule):
            # A rule that does not know of the loop has done its part: the loop takes over again.
            if NOT_THE_LOOP not in marks:
                return _Found(rule=rule, action=loop, source=source)
            action = None
        return _Found(
            rule=rule, action=action, source=source, is_text=is_text, comes_back=INTERRUPTED in marks
        )

    def _fall_back(self) -> Prediction:
        if not self.options.enable_fallback_prediction:
            return self._make(None, confidence=0.0, is_end_to_end=False)
        return self._make(
            self.options.core_fallback_action_name,
            confidence=self.options.core_fallback_threshold,
            is_end_to_end=False,
        )

    def _rate(self, moment: Moment) -> float:
        if self.options.use_nlu_confidence_as_score and moment.intent is not None:
            return moment.intent.confidence
        return 1.0

    def _make(
        self,
        action: str | None,
        *,
        confidence: float,
        is_text: bool = False,
        hide_rule_turn: bool = False,
        is_end_to_end: bool | None = None,
        is_no_user_prediction: bool = False,
    ) -> Prediction:
        return Prediction(
            action=None if is_text else action,
            text=action if is_text else None,
            confidence=confidence,
            policy=RULE_POLICY,
            priority=self.priority,
            hide_rule_turn=hide_rule_turn,
            is_end_to_end=is_end_to_end,
            is_no_user_prediction=is_no_user_prediction,
        )


def _active_loop_of(moment: Moment) -> str | None:
    return None if moment.active_loop == MUST_BE_EMPTY else moment.active_loop


def _knows_loop(rule: Rule) -> bool:
    return rule.situations[-1].get(LOOP) not in (None, MUST_BE_EMPTY)


def name_intent_source(intent: str) -> str:
    """What decides where an intent of `DEFAULT_ACTIONS` does."""
    return f"the meaning of the intent `{intent}`"


def name_loop_source(loop: str, *, has_asked: bool) -> str:
    """What decides where a running loop does."""
    return f"the loop `{loop}`, which has asked" if has_asked else f"the loop `{loop}`, which is running"
