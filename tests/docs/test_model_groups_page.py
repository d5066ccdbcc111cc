"""The reference page of model groups shows groups that are read without a problem, and names every provider."""

import re
from pathlib import Path

import pytest

from duologue.project.endpoints_reader import read_endpoints
from duologue.project.model_providers import PROVIDERS
from tests.docs.markdown import Snippet, snippets_of

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "reference" / "model-groups.md"
SNIPPETS = [snippet for snippet in snippets_of(PAGE, REPOSITORY) if snippet.language == "yaml"]
VARIABLE = re.compile(r"\$\{(\w+)\}")


@pytest.mark.parametrize("snippet", [pytest.param(snippet, id=str(snippet)) for snippet in SNIPPETS])
def test_its_groups_are_read_without_a_problem(snippet: Snippet, tmp_path: Path) -> None:
    path = tmp_path / "endpoints.yml"
    path.write_text(snippet.text, encoding="utf-8")
    variables = dict.fromkeys(VARIABLE.findall(snippet.text), "value")
    reading = read_endpoints(path, root=tmp_path, environment=variables)
    assert reading.problems.format() == ""
    assert reading.endpoints.model_groups


def test_it_names_every_provider_and_its_key() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [
        name
        for provider in PROVIDERS
        for name in (provider.names[0], *provider.key_variables[:1])
        if f"`{name}`" not in text
    ]
    assert missing == []
