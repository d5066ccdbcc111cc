"""Whether a project that could be read can also work: one file of checks for each subject."""

from duologue.project.checks.languages import validate_translations
from duologue.project.checks.surroundings import validate_surroundings
from duologue.project.checks.validation import validate_project

__all__ = ["validate_project", "validate_surroundings", "validate_translations"]
