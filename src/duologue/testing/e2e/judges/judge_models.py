"""The language models of judges, opened as `conftest.yml` names them and as the project's endpoints define them."""

from pathlib import Path

from duologue.core.errors import DefinitionError
from duologue.ports.language_model import LanguageModel
from duologue.project.e2e_tests import JudgeModel
from duologue.project.endpoints import ModelGroup
from duologue.project.endpoints_reader import read_endpoints
from duologue.runtime.model_groups import ModelGroups
from duologue.runtime.project_models import WrapModels
from duologue.runtime.settings import Settings
from duologue.testing.e2e.judges.panel import OpenModel

_ENDPOINTS_NAMES = ("endpoints.yml", "endpoints.yaml")


def make_model_opener(
    project: Path, settings: Settings, endpoints: Path | None = None, wrap: WrapModels | None = None
) -> OpenModel:
    """What opens the models of a project's judges; the endpoints are read when the first one is asked for."""

    async def open_model(model: JudgeModel) -> LanguageModel:
        path = project / endpoints if endpoints else _find_endpoints(project)
        groups = _read_groups(path, project, settings) if path and model.model_group else ()
        file = path.name if path else _ENDPOINTS_NAMES[0]
        block = {"model_group": model.model_group} if model.model_group else model.options
        models = ModelGroups(groups, settings.variables, file=file)
        opened = (wrap(models) if wrap else models).find_language_model(block, default=None)
        if opened is None:
            raise DefinitionError("it names no model.")
        return opened

    return open_model


def _find_endpoints(project: Path) -> Path | None:
    return next((project / name for name in _ENDPOINTS_NAMES if (project / name).exists()), None)


def _read_groups(path: Path, project: Path, settings: Settings) -> tuple[ModelGroup, ...]:
    reading = read_endpoints(path, root=project, environment=settings.variables)
    if reading.problems.has_errors:
        raise DefinitionError("; ".join(problem.format() for problem in reading.problems.errors))
    return reading.endpoints.model_groups
