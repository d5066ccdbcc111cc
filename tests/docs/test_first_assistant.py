"""The first assistant of the README, step by step as a newcomer makes it."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.markdown import snippets_of

DUOLOGUE = str(Path(sys.executable).with_name("duologue"))


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    folder = tmp_path_factory.mktemp("readme") / "my-assistant"
    subprocess.run(
        [DUOLOGUE, "init", folder.name], cwd=folder.parent, check=True, capture_output=True, timeout=60
    )
    for snippet in snippets_of(repository / "README.md", repository):
        if snippet.file:
            (folder / snippet.file).write_text(snippet.text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(assistant: Path) -> Iterator[str]:
    command = [DUOLOGUE, "run", "--interface", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(
        command, cwd=assistant, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        try:
            lines = iter(process.stdout.readline, "")
            addresses = (re.search(r"Ready at (http://\S+)", line) for line in lines)
            ready = next((address for address in addresses if address), None)
            assert ready, "The server ended before it was ready."
            yield ready[1]
        finally:
            process.terminate()
            process.wait(timeout=30)


def say(server: str, message: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(
        f"{server}/webhooks/rest/webhook",
        data=json.dumps({"sender": "ada", "message": message}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def test_the_assistant_of_the_readme_serves_a_coffee(server: str) -> None:
    replies = say(server, "I want to order a large coffee")
    assert "One large coffee, coming up." in [reply.get("text") for reply in replies]


def test_it_still_books_tables_as_the_template_does(server: str) -> None:
    assert say(server, "I'd like to reserve a table")[0]["text"] == "For how many people?"
