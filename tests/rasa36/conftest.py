"""Stock Rasa 3.6, in an environment of its own that `make test-rasa` sets up."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rasa36.rasa_server import CompressingRasaServer, RasaServer, train


@pytest.fixture(scope="session")
def rasa_python() -> Path:
    """The Python that stock Rasa is installed for, which is older than ours."""
    named = os.environ.get("RASA36_PYTHON", "")
    if not named:
        pytest.skip("Stock Rasa takes minutes to install; `make test-rasa` does it and runs these tests.")
    return Path(named).absolute()


@pytest.fixture(scope="session")
def rasa_model(rasa_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(rasa_python, tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="module")
def rasa(rasa_python: Path, rasa_model: Path) -> Iterator[RasaServer]:
    with RasaServer(rasa_python, rasa_model) as server:
        yield server


@pytest.fixture
def compressing_rasa(rasa_python: Path, rasa_model: Path) -> Iterator[RasaServer]:
    with CompressingRasaServer(rasa_python, rasa_model) as server:
        yield server
