"""Projects of authors, written to a folder as they would write them."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from duologue.sdk.executor import ActionExecutor

WriteProject = Callable[..., Path]


@pytest.fixture
def write_project(tmp_path: Path) -> WriteProject:
    """Write files, given as `{"actions/db.py": "…"}`, into a project folder."""

    def write(files: Mapping[str, str], folder: str = "project") -> Path:
        for name, source in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(source), encoding="utf-8")
        return tmp_path / folder

    return write


@pytest.fixture
def executor() -> Iterator[ActionExecutor]:
    """Give an executor that is closed afterwards."""
    made = ActionExecutor()
    yield made
    made.close()


@pytest.fixture
def forget_imports() -> Iterator[None]:
    """Forget, afterwards, the pretended installed modules a test imported."""
    yield
    for name in [name for name in sys.modules if name.startswith(("rasa_sdk", "sdk_test_"))]:
        del sys.modules[name]
