"""What a turn of a classic assistant costs: words are read by a trained pipeline, policies choose, a form asks."""

import http.client
import json
import shutil
import time
from pathlib import Path

from benchmarks.local_servers import HOST, REPOSITORY, run_bare_server, run_duologue
from benchmarks.measured_assistant import make_message
from benchmarks.results import Row
from duologue.adapters.tracker_store.memory import open_store
from duologue.runtime.assistant import Assistant
from duologue.runtime.opening import open_assistant
from duologue.runtime.settings import Settings

WORKSHOP = REPOSITORY / "examples" / "workshop"
SCRIPT = (
    "hello",
    "I want to book a repair",
    "my city bike",
    "the chain is broken",
    "on Wednesday",
    "Ada",
    "what does a check cost?",
    "thanks",
    "bye",
)
WARM_UP = 5
TARGET_MILLISECONDS = 5.0
WEBHOOK = "/webhooks/rest/webhook"


async def measure_classic_turn(folder: Path, *, is_quick: bool) -> list[Row]:
    """CPU of this process for a turn, and how long a client waits for one over HTTP."""
    conversations = 30 if is_quick else 100
    project = folder / "workshop"
    shutil.copytree(WORKSHOP, project, ignore=shutil.ignore_patterns(".duologue", "__pycache__"))
    assistant = await open_assistant(project, Settings(), tracker_store=await open_store())
    try:
        await _hold(assistant, "warm", WARM_UP)
        began = time.process_time()
        await _hold(assistant, "measured", conversations)
        milliseconds = (time.process_time() - began) / (conversations * len(SCRIPT)) * 1000
    finally:
        await assistant.close()
    with run_bare_server() as bare:
        floor = _time_requests(bare.port, WEBHOOK, conversations)
    with run_duologue(project) as server:
        waits = _time_requests(server.port, WEBHOOK, conversations)
    return [
        Row(
            name="CPU of a turn of a classic assistant with a form, store in memory",
            value=milliseconds,
            unit="ms",
            target=TARGET_MILLISECONDS,
            note=f"mean of {conversations * len(SCRIPT):,} turns; light pipeline, actions in the process",
        ),
        *(
            Row(
                name=f"the same over HTTP, one client, {share} %",
                value=_take_share(waits, share),
                unit="ms",
                floor="a bare server of the same kind",
                floor_value=_take_share(floor, share),
            )
            for share in (50, 99)
        ),
    ]


async def _hold(assistant: Assistant, name: str, conversations: int) -> None:
    for number in range(conversations):
        for text in SCRIPT:
            report = await assistant.handle(make_message(f"{name}-{number}", text))
            if not report.replies:
                raise RuntimeError(f"The message {text!r} got no reply: the benchmark measures nothing.")


def _time_requests(port: int, path: str, conversations: int) -> list[float]:
    """Milliseconds of each request, the first few conversations left out."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    milliseconds: list[float] = []
    for number in range(WARM_UP + conversations):
        for text in SCRIPT:
            body = json.dumps({"sender": f"client-{number}", "message": text})
            began = time.perf_counter()
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            connection.getresponse().read()
            milliseconds.append((time.perf_counter() - began) * 1000)
    connection.close()
    return sorted(milliseconds[WARM_UP * len(SCRIPT) :])


def _take_share(ordered: list[float], share: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]
