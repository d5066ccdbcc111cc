"""What the policies would find wrong with stories and rules, as problems at their file and line."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from duologue.core.errors import DefinitionError

if TYPE_CHECKING:
    from duologue.dialogue.policies.finding import Finding
    from duologue.project.places import Kind
    from duologue.project.problems import Problem, Problems
    from duologue.project.project_reader import ProjectReading


def check_stories(reading: "ProjectReading", max_history: int | None) -> "Problems":
    """Contradictions of rules, and stories that go on differently from the same situation."""
    from duologue.project.problems import Problems

    problems = Problems()
    definition = reading.definition
    if definition is None or not (definition.training_data.stories or definition.training_data.rules):
        return problems
    problems.extend(_check_policies(reading))
    if problems.has_errors or not _can_be_learned(reading):
        return problems
    from duologue.dialogue.policies.conflicts import find_story_conflicts
    from duologue.dialogue.policies.rules.checks import check_rules

    data, domain = definition.training_data, definition.domain
    rules = check_rules(data.stories, data.rules, domain, definition.config.policies)
    problems.extend(describe_findings(rules, reading))
    # A contradiction already says where stories part.
    if not problems.has_errors:
        conflicts = find_story_conflicts(data.stories, domain, max_history)
        problems.extend(describe_findings(conflicts, reading))
    return problems


def describe_findings(findings: "Iterable[Finding]", reading: "ProjectReading") -> "Iterator[Problem]":
    """Each at the line of its step, or of its story where the step is not known."""
    from duologue.project.problems import Problem, Severity

    names = _name_stories(reading)
    for finding in findings:
        file, line = _locate(finding, names.get(finding.source), reading)
        yield Problem(
            severity=Severity.ERROR if finding.is_error else Severity.WARNING,
            file=file,
            line=line,
            message=finding.message,
        )


def locate_component(message: str, reading: "ProjectReading") -> "Problem | None":
    """What training says of a component or policy, at its line in the configuration; None if it names none."""
    from duologue.project.places import WholeFile, below
    from duologue.project.problems import Problem, Severity

    if reading.definition is None or "\n" in message:
        return None
    config = reading.definition.config
    for key, components in (("pipeline", config.pipeline), ("policies", config.policies)):
        for position, component in enumerate(components or ()):
            if f"`{component.name}`" in message:
                spot = below(reading.places.find("config") or WholeFile("config.yml"), key, position)
                return Problem(severity=Severity.ERROR, file=spot.file, line=spot.line, message=message)
    return None


def _name_stories(reading: "ProjectReading") -> "dict[str, tuple[Kind, str]]":
    """Kind and number of each story and rule by where it stands."""
    assert reading.definition is not None
    data = reading.definition.training_data
    named: dict[str, tuple[Kind, str]] = {}
    for number, story in enumerate(data.stories):
        named[story.source] = "story", str(number)
    for number, rule in enumerate(data.rules):
        named[rule.source] = "rule", str(number)
    return named


def _locate(
    finding: "Finding", name: "tuple[Kind, str] | None", reading: "ProjectReading"
) -> tuple[str, int]:
    if name is not None and finding.step is not None:
        place = reading.places.find("story_step", *name, str(finding.step))
        if place is not None:
            return place.file, place.line
    file, _, line = finding.source.rpartition(":")
    return (file, int(line)) if line.isdigit() else (finding.source or "data", 0)


def _check_policies(reading: "ProjectReading") -> "Iterator[Problem]":
    """Options that have a value they cannot have; unknown names are found where names are checked."""
    from duologue.dialogue.policies.options import PolicyOptionError, read_policies
    from duologue.project.places import WholeFile, below
    from duologue.project.problems import Problem, Severity

    assert reading.definition is not None
    config = reading.places.find("config") or WholeFile("config.yml")
    for position, policy in enumerate(reading.definition.config.policies or ()):
        try:
            read_policies([policy])
        except PolicyOptionError as error:
            spot = below(config, "policies", position, error.option)
            yield Problem(severity=Severity.ERROR, file=spot.file, line=spot.line, message=str(error))
        except DefinitionError:
            continue


def _can_be_learned(reading: "ProjectReading") -> bool:
    from duologue.dialogue.policies.options import read_policies

    assert reading.definition is not None
    try:
        read_policies(reading.definition.config.policies)
    except DefinitionError:
        return False
    return True
