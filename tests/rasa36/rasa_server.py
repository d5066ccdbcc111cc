"""A stock Rasa server, and the action servers that stand behind it one after the other."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.request import Request, urlopen

from tests.peers.server_process import ServerProcess, find_free_port

ASSISTANT = Path(__file__).with_name("assistant")
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}
TRAINING_TIMEOUT = 300.0
ANSWER_TIMEOUT = 60.0


def train(rasa_python: Path, folder: Path) -> Path:
    """A model of the assistant that stands beside this file."""
    shutil.copytree(ASSISTANT, folder, dirs_exist_ok=True)
    with (folder / "training.log").open("wb") as log:
        subprocess.run(
            [str(rasa_python), "-m", "rasa", "train", "--fixed-model-name", "workshop"],
            cwd=folder,
            env={**os.environ, **QUIET},
            check=True,
            timeout=TRAINING_TIMEOUT,
            stdout=log,
            stderr=log,
        )
    return folder / "models" / "workshop.tar.gz"


class RasaServer(ServerProcess):
    """`rasa run` with a trained model; its channel is REST."""

    name: ClassVar[str] = "Rasa"
    environment = QUIET

    def __init__(self, rasa_python: Path, model: Path) -> None:
        super().__init__()
        self._command = (str(rasa_python), "-m", "rasa", "run", "--enable-api", "--model", str(model))
        self.action_port = find_free_port()
        endpoints = f"action_endpoint:\n  url: http://127.0.0.1:{self.action_port}/webhook\n"
        (self.folder / "endpoints.yml").write_text(endpoints, encoding="utf-8")
        (self.folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")

    def find_command(self) -> Sequence[str]:
        return (*self._command, "--interface", "127.0.0.1", "--port", str(self.port))

    def send(self, conversation_id: str, text: str) -> list[dict[str, Any]]:
        """What the assistant replies over the REST channel."""
        replies = self._ask("webhooks/rest/webhook", {"sender": conversation_id, "message": text})
        return [{key: value for key, value in reply.items() if key != "recipient_id"} for reply in replies]

    def find_tracker(self, conversation_id: str) -> dict[str, Any]:
        """The conversation as Rasa keeps it, with every event, also of what was restarted or reverted."""
        return self._ask(f"conversations/{conversation_id}/tracker?include_events=ALL")

    def _ask(self, path: str, body: object = None) -> Any:
        request = Request(
            f"http://127.0.0.1:{self.port}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=ANSWER_TIMEOUT) as answer:
            return json.load(answer)


class CompressingRasaServer(RasaServer):
    """The same; what it sends to the action server is compressed."""

    environment: ClassVar[Mapping[str, str]] = {**QUIET, "COMPRESS_ACTION_SERVER_REQUEST": "true"}


class ActionServer(ServerProcess):
    """An action server over the assistant's actions; at a free port, or where Rasa looks for one."""

    def __init__(self, port: int | None = None) -> None:
        super().__init__()
        self.port = port or self.port
        shutil.copytree(ASSISTANT / "actions", self.folder / "actions")

    def start(self) -> None:
        """Start it, unless another one is still there: it would be that one that answers."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", self.port))
        super().start()


class DuologueActions(ActionServer):
    """`duologue actions`."""

    name: ClassVar[str] = "duologue-actions"

    def find_command(self) -> Sequence[str]:
        where = ("--interface", "127.0.0.1", "--port", str(self.port))
        return (sys.executable, "-m", "duologue", "actions", ".", "--actions", "actions", *where)


class RasaSdkActions(ActionServer):
    """The `rasa_sdk` that Rasa itself was installed with."""

    name: ClassVar[str] = "rasa-sdk"
    environment = QUIET

    def __init__(self, rasa_python: Path) -> None:
        super().__init__()
        self._python = rasa_python

    def find_command(self) -> Sequence[str]:
        return (str(self._python), "-m", "rasa_sdk", "--actions", "actions", "--port", str(self.port))
