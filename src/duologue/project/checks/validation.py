"""All checks in their order."""

from duologue.project.checks.actions import check_actions
from duologue.project.checks.classic import check_classic
from duologue.project.checks.configuration import check_configuration, check_content
from duologue.project.checks.flows import check_flows
from duologue.project.checks.knowledge import check_knowledge
from duologue.project.checks.languages import check_languages
from duologue.project.checks.leftovers import check_leftovers
from duologue.project.checks.paths import check_paths
from duologue.project.checks.responses import check_responses
from duologue.project.checks.slots import check_slots
from duologue.project.checks.steps import check_steps
from duologue.project.checks.subject import Subject
from duologue.project.problems import Problems
from duologue.project.project_reader import ProjectReading

_CHECKS = (
    check_configuration,
    check_knowledge,
    check_content,
    check_languages,
    check_flows,
    check_steps,
    check_paths,
    check_slots,
    check_responses,
    check_actions,
    check_classic,
    # Last, because it asks what the others saw in use.
    check_leftovers,
)


def validate_project(reading: ProjectReading) -> Problems:
    """Everything wrong with a project, what reading found included.

    Names are not checked if a file could not be read: they may stand in it.
    """
    problems = Problems(reading.problems)
    if reading.definition is None or not reading.is_whole:
        return problems
    subject = Subject(reading, reading.definition)
    for check in _CHECKS:
        check(subject)
    problems.extend(subject.problems)
    return problems
