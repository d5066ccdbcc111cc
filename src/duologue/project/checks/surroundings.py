"""What stands around the conversations: `endpoints.yml`, `credentials.yml`, and whether the action code is Python."""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from duologue.project.checks.components import check_model_groups
from duologue.project.credentials_reader import read_credentials
from duologue.project.endpoints import ActionEndpoint
from duologue.project.endpoints_reader import read_endpoints
from duologue.project.problems import Problem, Problems, Severity
from duologue.project.project_reader import ProjectReading
from duologue.project.yaml_reader import UnreadableFileError, read_text, show_path


class _AnyVariable(Mapping[str, str]):
    """An environment in which every variable is set: to itself, as nobody knows the one of the deployment."""

    def __getitem__(self, name: str) -> str:
        return f"${{{name}}}"

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def validate_surroundings(reading: ProjectReading) -> Problems:
    """Check the files that a server needs beside the project; those that are not there are not missed."""
    problems = Problems()
    action_endpoint: ActionEndpoint | None = None
    if path := _find(reading.root, "endpoints"):
        endpoints = read_endpoints(path, root=reading.root, environment=_AnyVariable())
        problems.extend(endpoints.problems)
        action_endpoint = endpoints.endpoints.action_endpoint
        groups = {group.id for group in endpoints.endpoints.model_groups}
        problems.extend(check_model_groups(reading, groups))
    if path := _find(reading.root, "credentials"):
        problems.extend(read_credentials(path, root=reading.root, environment=_AnyVariable()).problems)
    if action_endpoint is None or action_endpoint.actions_module is not None:
        problems.extend(_check_action_code(reading))
    return problems


def _find(root: Path, name: str) -> Path | None:
    return next((path for path in (root / f"{name}.yml", root / f"{name}.yaml") if path.is_file()), None)


def _check_action_code(reading: ProjectReading) -> Iterator[Problem]:
    path = reading.actions_path
    if path is None:
        return
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        if (problem := _check_python(file, show_path(file, reading.root))) is not None:
            yield problem


def _check_python(file: Path, shown: str) -> Problem | None:
    try:
        ast.parse(read_text(file, shown), filename=shown)
    except UnreadableFileError as error:
        return error.problem
    except (SyntaxError, ValueError) as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return Problem(
            severity=Severity.ERROR,
            file=shown,
            line=getattr(error, "lineno", None) or 0,
            message=f"This is not Python {version}: {getattr(error, 'msg', None) or error}.",
        )
    return None
