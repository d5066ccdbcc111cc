"""What the page about production tells other programs fits the server."""

from pathlib import Path
from typing import Any

import yaml

from duologue.cli.run import run_assistant
from duologue.server.options import ServerOptions
from duologue.server.reception import Reception
from duologue.serving.readiness import LONGEST_CHECK
from tests.docs.markdown import snippets_of
from tests.http.conftest import open_client
from tests.http.scripted_assistant import ScriptedAssistant

PAGE = "docs/guides/running-in-production.md"
CLEAN_UP_SECONDS = 10


def read_deployment(repository: Path) -> dict[str, Any]:
    texts = [snippet.text for snippet in snippets_of(repository / PAGE, repository)]
    return yaml.safe_load(next(text for text in texts if "kind: Deployment" in text))


def parse(words: list[str]) -> dict[str, Any]:
    """What `duologue run` makes of the words after it; options that it does not know are an error."""
    return run_assistant.make_context("run", list(words)).params


async def test_the_probes_of_the_deployment_ask_what_is_there(repository: Path) -> None:
    container = read_deployment(repository)["spec"]["template"]["spec"]["containers"][0]
    probes = [container[f"{name}Probe"] for name in ("startup", "readiness", "liveness")]
    port = parse(container["args"][2:])["port"]
    async with open_client(Reception(ScriptedAssistant(), seconds=5)) as client:
        for probe in probes:
            assert (await client.get(probe["httpGet"]["path"])).status_code == 200
            assert probe["httpGet"]["port"] == port
    assert container["readinessProbe"]["timeoutSeconds"] > LONGEST_CHECK


def test_the_deployment_waits_until_the_server_has_ended(repository: Path) -> None:
    pod = read_deployment(repository)["spec"]["template"]["spec"]
    options = parse(pod["containers"][0]["args"][2:])
    needed = options["drain_seconds"] + options["shutdown_seconds"] + CLEAN_UP_SECONDS
    assert pod["terminationGracePeriodSeconds"] > needed


def test_the_unit_of_systemd_starts_a_command_that_exists_and_waits_for_its_end(repository: Path) -> None:
    texts = [snippet.text for snippet in snippets_of(repository / PAGE, repository)]
    unit = next(text for text in texts if "[Service]" in text)
    fields = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)
    program, verb, *words = fields["ExecStart"].split()
    assert (Path(program).name, verb) == ("duologue", "run")
    options = parse(words)
    assert options["workers"] > 1, "SIGHUP would end a single process"
    assert float(fields["TimeoutStopSec"]) > options["shutdown_seconds"] + CLEAN_UP_SECONDS


def test_the_times_of_the_page_are_those_of_the_command(repository: Path) -> None:
    text = (repository / PAGE).read_text(encoding="utf-8")
    options = parse([])
    assert f"`--shutdown-seconds` ({options['shutdown_seconds']:g})" in text
    assert options["shutdown_seconds"] == ServerOptions().shutdown_seconds
