"""From stories and rules to policies, and from files back to policies."""

import difflib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from duologue.core.domain import Domain
from duologue.core.errors import DefinitionError
from duologue.core.stories import Story
from duologue.dialogue.policies.augmentation import DEFAULT_AUGMENTATION, augment
from duologue.dialogue.policies.custom_policies import LearningPolicy, create_policy
from duologue.dialogue.policies.ensemble import CustomMember, Member, OwnPolicy, PolicyEnsemble, name_folder
from duologue.dialogue.policies.finding import ContradictionError
from duologue.dialogue.policies.learned.ted_policy import TedPolicy
from duologue.dialogue.policies.learned.unlikely_intent_policy import UnlikelyIntentPolicy
from duologue.dialogue.policies.memoization import MemoizationPolicy
from duologue.dialogue.policies.options import (
    AUGMENTED_MEMORY,
    LearnedOptions,
    MemoryOptions,
    PolicyEntry,
    PolicySetup,
    RuleOptions,
    UnlikelyIntentOptions,
    read_policies,
)
from duologue.dialogue.policies.rules.learning import learn_rules
from duologue.dialogue.policies.rules.rule_policy import RulePolicy
from duologue.dialogue.policies.situation import Featurizer
from duologue.dialogue.policies.story_examples import StoryExample, list_examples
from duologue.dialogue.policies.story_paths import PathReading, StoryPath, list_story_paths

Files: TypeAlias = Mapping[str, bytes]
Learn: TypeAlias = Callable[[str, str, Callable[[], Files]], Files]
"""Called with the name of a policy, a fingerprint of all it reads, and what trains it; gives its files."""
Report: TypeAlias = Callable[[str], None]


_FALLBACKS = ("action_default_fallback", "action_two_stage_fallback", "action_listen", "action_restart")
"""Actions of ours that a fallback may be."""


def _learn_always(name: str, fingerprint: str, train: Callable[[], Files]) -> Files:
    del name, fingerprint
    return train()


def _keep_quiet(text: str) -> None:
    del text


def train_policies(
    stories: Sequence[Story],
    rules: Sequence[Story],
    domain: Domain,
    policies: Sequence[PolicyEntry] | None = None,
    *,
    learn: Learn = _learn_always,
    report: Report = _keep_quiet,
    language: str = "en",
    augmentation: int | None = None,
) -> PolicyEnsemble:
    """Train the policies that `config.yml` names, or the usual ones.

    Args:
        policies: None or none at all for the defaults.
        learn: gives the files of one policy, trained now or kept from an earlier training.
        report: hears a sentence for everything that is unusual.
        augmentation: how many stories are put behind others; None for the usual number.

    Raises:
        ContradictionError: rules and stories do not go together.
        DefinitionError: a policy cannot be made.
    """
    setups, notes = read_policies(policies)
    for note in notes:
        report(note)
    school = _School(stories, rules, domain, language=language, augmentation=augmentation)
    for finding in (*school.stories.findings, *school.rules.findings):
        report(finding.format())
    members: list[Member] = []
    for setup in setups:
        if isinstance(setup.options, RuleOptions):
            _check_fallback(setup.options, domain)
        member = _make_member(setup, domain, language)
        files = learn(member.name, school.fingerprint(setup), lambda member=member: school.teach(member))
        members.append(_restore(member, files))
    return PolicyEnsemble(members, domain)


def load_policies(
    policies: Sequence[PolicyEntry] | None, files: Files, domain: Domain, *, language: str = "en"
) -> PolicyEnsemble:
    """The policies as they were dumped.

    Raises:
        DefinitionError: the files were made for other policies.
    """
    setups, _ = read_policies(policies)
    members: list[Member] = []
    for place, setup in enumerate(setups):
        member = _make_member(setup, domain, language)
        folder = name_folder(place, member.name) + "/"
        own = {name.removeprefix(folder): data for name, data in files.items() if name.startswith(folder)}
        try:
            members.append(_restore(member, own))
        except (KeyError, msgspec.DecodeError) as error:
            raise DefinitionError(
                f"The trained model does not hold the policy `{setup.name}`. Train it again."
            ) from error
    return PolicyEnsemble(members, domain)


class _School:
    """What policies learn from, made when the first one asks for it."""

    def __init__(
        self,
        stories: Sequence[Story],
        rules: Sequence[Story],
        domain: Domain,
        *,
        language: str,
        augmentation: int | None,
    ) -> None:
        self.stories: PathReading = list_story_paths(stories, domain)
        self.rules: PathReading = list_story_paths(rules, domain)
        self._featurizer = Featurizer(domain)
        self._augmentation = DEFAULT_AUGMENTATION if augmentation is None else augmentation
        self._examples: list[StoryExample] | None = None
        # Where a story stands teaches nothing.
        stories, rules = _forget_places(stories), _forget_places(rules)
        told = (stories, rules, msgspec.structs.replace(domain, responses={}), language, self._augmentation)
        self._digest = hashlib.sha256(msgspec.json.encode(told, order="sorted")).digest()

    def fingerprint(self, setup: PolicySetup) -> str:
        """A text that changes with everything that the policy learns from."""
        return hashlib.sha256(self._digest + msgspec.json.encode(setup, order="sorted")).hexdigest()

    def teach(self, member: Member) -> Files:
        """Train one policy; gives its files."""
        match member:
            case RulePolicy():
                lesson = learn_rules(member.options, self.rules.paths, self.stories.paths, self._featurizer)
                errors = tuple(finding for finding in lesson.findings if finding.is_error)
                if errors:
                    raise ContradictionError(errors)
                return RulePolicy(member.options, lesson.learned).dump()
            case MemoizationPolicy() | UnlikelyIntentPolicy():
                return member.learn(
                    [one for one in self._list_examples() if not one.path.is_augmented]
                ).dump()
            case TedPolicy():
                return member.learn(self._list_examples()).dump()
            case CustomMember():
                if isinstance(member.policy, LearningPolicy):
                    member.policy.train(self._list_examples())
                return member.dump()

    def _list_examples(self) -> list[StoryExample]:
        if self._examples is None:
            paths: Sequence[StoryPath] = augment(self.stories.paths, self._augmentation)
            self._examples = list(list_examples(paths, self._featurizer))
        return self._examples


def _forget_places(stories: Sequence[Story]) -> list[Story]:
    return [msgspec.structs.replace(story, source="") for story in stories]


def _check_fallback(options: RuleOptions, domain: Domain) -> None:
    name = options.core_fallback_action_name
    known = {*domain.actions, *domain.responses, *domain.forms, *_FALLBACKS}
    if options.enable_fallback_prediction and name not in known:
        near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7)
        hint = f"Did you mean `{near[0]}`?" if near else "Declare it under `actions` in the domain."
        raise DefinitionError(f"The fallback `{name}` of `RulePolicy` is no action of the domain. {hint}")


def _make_member(setup: PolicySetup, domain: Domain, language: str) -> Member:
    match setup.options:
        case RuleOptions() as options:
            return RulePolicy(options)
        case MemoryOptions() as options:
            return MemoizationPolicy(options, forgets=setup.name == AUGMENTED_MEMORY)
        case LearnedOptions() as options:
            return TedPolicy(options, language=language)
        case UnlikelyIntentOptions() as options:
            return UnlikelyIntentPolicy(options)
        case options:
            return CustomMember(create_policy(setup.name, options or {}, domain), path=setup.name)


def _restore(member: Member, files: Files) -> Member:
    if not isinstance(member, CustomMember):
        restored: OwnPolicy = member.restore(files)
        return restored
    if isinstance(member.policy, LearningPolicy):
        member.policy.restore(files)
    return member
