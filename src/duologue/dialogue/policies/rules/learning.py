"""How rules are learned, and compared with each other and with the stories."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from duologue.core.events import ACTION_LISTEN
from duologue.dialogue.policies.finding import Finding
from duologue.dialogue.policies.options import RuleOptions
from duologue.dialogue.policies.policy import PolicyScene
from duologue.dialogue.policies.rules.incomplete_rules import find_incomplete_rules, find_long_rules
from duologue.dialogue.policies.rules.rule_book import Rule, make_key, take_since_snippet
from duologue.dialogue.policies.rules.rule_policy import (
    DEFAULT_ACTIONS,
    INTERRUPTED,
    NOT_THE_LOOP,
    LearnedRules,
    RulePolicy,
    Verdict,
    name_intent_source,
    name_loop_source,
)
from duologue.dialogue.policies.situation import ACTION, ACTION_TEXT, LOOP, SLOT, Featurizer, Situation
from duologue.dialogue.policies.slot_features import MUST_BE_EMPTY
from duologue.dialogue.policies.story_events import SNIPPET
from duologue.dialogue.policies.story_examples import StoryExample, begin_story, list_examples, walk_path
from duologue.dialogue.policies.story_paths import StoryPath
from duologue.dialogue.policies.view import RuleOnly, SceneView


class RuleLesson(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned, and what does not go together."""

    learned: LearnedRules
    findings: tuple[Finding, ...] = ()


def learn_rules(
    options: RuleOptions, rules: Sequence[StoryPath], stories: Sequence[StoryPath], featurizer: Featurizer
) -> RuleLesson:
    """Learn from paths; with findings that are errors the result is not to be used."""
    stories = [path for path in stories if not path.is_augmented]
    findings: list[Finding] = list(find_long_rules(rules)) if options.restrict_rules else []
    if options.check_for_contradictions:
        findings.extend(find_incomplete_rules(rules, featurizer))
    of_rules = list(list_examples(rules, featurizer, omits_unset=True))
    of_stories = list(list_examples(stories, featurizer))
    learned = LearnedRules(
        rules=tuple(_memorise(of_rules)), loop_rules=tuple(_memorise_loops([*of_rules, *of_stories]))
    )
    if not options.check_for_contradictions:
        return RuleLesson(learned=learned, findings=tuple(findings))
    learned = replace(learned, rule_only=_find_rule_only(of_rules, of_stories))
    comparison = _Comparison(options, learned, featurizer)
    return comparison.run(rules, stories, findings)


def _memorise(examples: Iterable[StoryExample]) -> Iterator[Rule]:
    """One rule for each choice; situations that lead to two actions lead to none."""
    found: dict[str, Rule] = {}
    doubtful: set[str] = set()
    for example in examples:
        key = make_key(example.situations)
        if key is None or key in doubtful:
            continue
        rule = Rule(
            key=key,
            situations=tuple(take_since_snippet(example.situations)),
            action=example.action,
            is_text=example.is_text,
        )
        if found.setdefault(key, rule).action != rule.action:
            doubtful.add(key)
            del found[key]
    return (rule for rule in found.values() if rule.action != SNIPPET)


def _memorise_loops(examples: Iterable[StoryExample]) -> Iterator[Rule]:
    """What comes before and behind a loop that was left and is taken up again."""
    found: dict[str, Rule] = {}
    for example in examples:
        last = example.situations[-1]
        loop = last.get(LOOP)
        if loop is None or loop == MUST_BE_EMPTY:
            continue
        situations = take_since_snippet(_take_two(example.situations))
        key = make_key(situations)
        has_listened = last.get(ACTION) == ACTION_LISTEN
        if key is None or has_listened != (example.action == loop):
            continue
        mark = INTERRUPTED if has_listened else NOT_THE_LOOP
        found[key] = Rule(key=key, situations=tuple(situations), action=mark)
    return iter(found.values())


def _take_two(situations: Sequence[Situation]) -> Sequence[Situation]:
    """The situation at hand, and of the one before only the action that led to it."""
    last = situations[-1]
    before = situations[-2] if len(situations) > 1 else {}
    action = {key: before[key] for key in (ACTION, ACTION_TEXT) if key in before}
    return (action, last) if action else (last,)


def _find_rule_only(of_rules: Iterable[StoryExample], of_stories: Iterable[StoryExample]) -> RuleOnly:
    rule_keys, story_keys = _list_keys(of_rules), _list_keys(of_stories)
    only = rule_keys - story_keys
    return RuleOnly(
        slots=tuple(sorted(key.removeprefix(SLOT) for key in only if key.startswith(SLOT))),
        loops=tuple(sorted(key.removeprefix(LOOP + " ") for key in only if key.startswith(LOOP + " "))),
    )


def _list_keys(examples: Iterable[StoryExample]) -> set[str]:
    """Slots and loops, as the keys of situations."""
    keys: set[str] = set()
    for example in examples:
        last = example.situations[-1]
        keys.update(key for key in last if key.startswith(SLOT))
        if last.get(LOOP) not in (None, MUST_BE_EMPTY):
            keys.add(f"{LOOP} {last[LOOP]}")
    return keys


class _Comparison:
    """Lets the rules judge every rule and story, and notes where they judge otherwise."""

    def __init__(self, options: RuleOptions, learned: LearnedRules, featurizer: Featurizer) -> None:
        self._options = options
        self._learned = learned
        self._featurizer = featurizer
        self._policy = RulePolicy(options, learned)
        self._decided: defaultdict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
        """Source of a judgement to the rules that made it so: name, `file:line`, action."""
        self._used: set[str] = set()
        self._refused: str | None = None
        """The loop that has refused to go on, on the path being walked: it stays so until it runs again."""
        self._path: StoryPath | None = None

    def run(
        self, rules: Sequence[StoryPath], stories: Sequence[StoryPath], findings: Sequence[Finding]
    ) -> RuleLesson:
        for example in _list_checkable(rules, self._featurizer):
            self._note_decision(example)
        found = [
            finding
            for example in _list_checkable([*stories, *rules], self._featurizer)
            for finding in self._check(example)
        ]
        return RuleLesson(learned=self._hide(), findings=tuple(dict.fromkeys((*findings, *found))))

    def _note_decision(self, example: StoryExample) -> None:
        verdict, predicted = self._judge(example)
        if verdict.source is None:
            return
        path = example.path
        if _is_built_in(verdict.source):
            self._decided[verdict.source].append((verdict.source, "", predicted))
        else:
            self._decided[verdict.source].append((path.name, path.source, example.action))

    def _check(self, example: StoryExample) -> Iterator[Finding]:
        verdict, predicted = self._judge(example)
        if predicted == example.action:
            if not example.path.is_rule and verdict.source is not None:
                self._used.add(verdict.source)
            return
        if predicted is None or verdict.source is None or self._drop_rule(example, verdict, predicted):
            return
        others = {
            (name, source)
            for name, source, action in self._decided[verdict.source]
            if action != example.action
        }
        if others:
            yield _report(example, sorted(others), None if verdict.is_fallback else predicted)

    def _judge(self, example: StoryExample) -> tuple[Verdict, str | None]:
        loop = example.moments[-1].active_loop
        has_refused = loop is not None and self._refused == loop and self._path is example.path
        verdict = self._ask(example, is_loop_rejected=has_refused)
        predicted = _name_choice(verdict, example, self._options)
        if loop is not None and predicted == loop != example.action:
            # Inside a loop something else can only follow if the loop has refused.
            has_refused = True
            verdict = self._ask(example, is_loop_rejected=True)
            predicted = _name_choice(verdict, example, self._options)
        self._refused = loop if has_refused and example.action != loop else None
        self._path = example.path
        return verdict, predicted

    def _ask(self, example: StoryExample, *, is_loop_rejected: bool) -> Verdict:
        *earlier, last = example.moments
        if is_loop_rejected:
            last = replace(last, is_loop_rejected=True)
        scene = PolicyScene(moments=(*earlier, last), domain=self._featurizer.domain, state=begin_story())
        view = SceneView(scene, self._featurizer, RuleOnly(), known=example.situations[:-1])
        return self._policy.judge(view, explains=True)

    def _drop_rule(self, example: StoryExample, verdict: Verdict, predicted: str) -> bool:
        """Whether the contradiction vanishes with a rule that merely says where another rule is at its end."""
        key = verdict.source or ""
        if example.path.is_rule or predicted != ACTION_LISTEN or key.count('"prev_action"') > 1:
            return False
        rules = self._learned.rules
        if not any(rule.key != key and rule.key.startswith(key[:-2]) for rule in rules):
            return False
        self._learned = replace(self._learned, rules=tuple(rule for rule in rules if rule.key != key))
        self._policy = RulePolicy(self._options, self._learned)
        return True

    def _hide(self) -> LearnedRules:
        """Mark what no story knows of."""
        hidden = set(self._decided) - self._used
        loops = tuple(self._featurizer.domain.forms)
        return replace(
            self._learned,
            rules=tuple(replace(rule, is_hidden=rule.key in hidden) for rule in self._learned.rules),
            hidden_intents=tuple(
                intent for intent in DEFAULT_ACTIONS if name_intent_source(intent) not in self._used
            ),
            hidden_loops=tuple(
                loop for loop in loops if name_loop_source(loop, has_asked=False) not in self._used
            ),
            hidden_loop_ends=tuple(
                loop for loop in loops if name_loop_source(loop, has_asked=True) not in self._used
            ),
        )


def _list_checkable(paths: Iterable[StoryPath], featurizer: Featurizer) -> Iterator[StoryExample]:
    """Every choice that something leads to: not the first one, and not the first behind `...`."""
    for path in paths:
        is_open = True
        for example in walk_path(path, featurizer):
            if example.action == SNIPPET:
                is_open = True
            elif is_open:
                is_open = False
            else:
                yield example


def _name_choice(verdict: Verdict, example: StoryExample, options: RuleOptions) -> str | None:
    if verdict.is_fallback:
        return options.core_fallback_action_name if example.path.is_rule else None
    return verdict.prediction.action or verdict.prediction.text


def _is_built_in(source: str) -> bool:
    return not source.startswith("[")


def _report(example: StoryExample, others: Sequence[tuple[str, str]], predicted: str | None) -> Finding:
    path = example.path
    kind = "rule" if path.is_rule else "story"
    named = ", ".join(_name_other(name, source) for name, source in others)
    says = f" says `{predicted}`" if predicted else " say otherwise" if len(others) > 1 else " says otherwise"
    return Finding(
        message=f"The {kind} `{path.name}` goes on with `{example.action}` where {named}{says}. "
        "Change one of them so that they agree.",
        source=example.place.source if example.place else path.source,
        step=example.place.position if example.place else None,
        sources=tuple(dict.fromkeys((*path.sources, *(source for _, source in others if source)))),
    )


def _name_other(name: str, source: str) -> str:
    if name.startswith("the "):
        return name
    return f"the rule `{name}` ({source})" if source else f"the rule `{name}`"
