"""What the rules of a project would be refused for, without training anything else."""

from collections.abc import Sequence

from duologue.core.domain import Domain
from duologue.core.errors import DefinitionError
from duologue.core.stories import Story
from duologue.dialogue.policies.finding import Finding
from duologue.dialogue.policies.options import PolicyEntry, RuleOptions, read_policies
from duologue.dialogue.policies.rules.learning import learn_rules
from duologue.dialogue.policies.situation import Featurizer
from duologue.dialogue.policies.story_paths import list_story_paths


def check_rules(
    stories: Sequence[Story],
    rules: Sequence[Story],
    domain: Domain,
    policies: Sequence[PolicyEntry] | None = None,
) -> tuple[Finding, ...]:
    """Contradictions, incomplete rules and rules of several turns; none without a policy for rules."""
    options = _find_options(policies)
    if options is None:
        return ()
    story_reading, rule_reading = list_story_paths(stories, domain), list_story_paths(rules, domain)
    lesson = learn_rules(options, rule_reading.paths, story_reading.paths, Featurizer(domain))
    # Checkpoints that lead nowhere have a place, and are found where names are checked.
    too_many = tuple(finding for finding in story_reading.findings if not finding.source)
    return (*too_many, *rule_reading.findings, *lesson.findings)


def _find_options(policies: Sequence[PolicyEntry] | None) -> RuleOptions | None:
    try:
        setups, _ = read_policies(policies)
    except DefinitionError:
        return RuleOptions()
    return next((setup.options for setup in setups if isinstance(setup.options, RuleOptions)), None)
