"""One message, one trace: from the client's request through the assistant to the author's code in another process."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.faults.served_project import FILES, write_project
from tests.otlp_receivers import Received, read_attributes, receive_grpc

pytestmark = pytest.mark.slow

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
START_SECONDS = 60
ACTIONS = (
    FILES["actions.py"]
    + """

from opentelemetry import trace

tracer = trace.get_tracer("authors")


class Ask(Note):
    def name(self):
        return "action_ask"

    async def run(self, dispatcher, tracker, domain):
        with tracer.start_as_current_span("ask the bank"):
            return await super().run(dispatcher, tracker, domain)
"""
)


@asynccontextmanager
async def run(folder: Path, *words: str) -> AsyncIterator[str]:
    """A command of ours that serves until it is told to stop; the port, as it says it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "duologue", *words), stdout=asyncio.subprocess.PIPE, cwd=folder
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            ready = (await process.stdout.readline()).decode()
        found = re.search(r"localhost:(\d+)", ready)
        assert found, ready
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


def write_traced_project(folder: Path, collector: Received) -> Path:
    write_project(folder)
    for name, text in FILES.items():
        (folder / name).write_text(text.replace("action_note", "action_ask").lstrip(), encoding="utf-8")
    (folder / "actions.py").write_text(ACTIONS.lstrip(), encoding="utf-8")
    tracing = f"tracing:\n  type: otlp\n  endpoint: 127.0.0.1:{collector.port}\n  insecure: true\n"
    (folder / "tracing.yml").write_text(tracing, encoding="utf-8")
    return folder


def write_endpoints(folder: Path, url: str) -> None:
    tracing = (folder / "tracing.yml").read_text(encoding="utf-8")
    endpoint = f"action_endpoint:\n  url: {url}\ntracker_store:\n  type: memory\n"
    (folder / "endpoints.yml").write_text(tracing + endpoint, encoding="utf-8")


def list_ancestors(received: Received, name: str) -> Sequence[str]:
    """The span, the span it belongs to, and so on; at last the id of what the client named."""
    names = {span.span_id: found for found, span in received.spans.items()}
    path = [name]
    while (parent := received.spans[path[-1]].parent_span_id) in names:
        path.append(names[parent])
    return [*path, parent.hex()]


@pytest.mark.parametrize(
    ("scheme", "options", "path", "server_span"),
    [
        ("http", (), "/webhook", "create_app.webhook"),
        ("grpc", ("--grpc",), "", "GRPCActionServerWebhook.WebhookStream"),
    ],
)
async def test_a_message_makes_one_trace_across_both_servers(
    tmp_path: Path, scheme: str, options: tuple[str, ...], path: str, server_span: str
) -> None:
    local = ("--interface", "127.0.0.1", "--port", "0")
    with receive_grpc() as received:
        folder = write_traced_project(tmp_path / "project", received)
        async with run(folder, "actions", "--endpoints", "tracing.yml", *local, *options) as actions:
            write_endpoints(folder, f"{scheme}://127.0.0.1:{actions}{path}")
            async with run(folder, "run", *local) as assistant:
                await send(assistant)
    assert list_ancestors(received, "ask the bank") == [
        "ask the bank",
        "ActionExecutor.run",
        server_span,
        "EndpointConfig.request",
        "Agent.handle_message",
        PARENT,
    ]
    assert {span.trace_id.hex() for span in received.spans.values()} == {TRACE}
    assert received.service_names == {"duologue", "duologue-actions"}
    assert read_attributes(received.spans["ActionExecutor.run"])["slots"] == '["noted", "total"]'
    assert read_attributes(received.spans["Agent.handle_message"])["sender_id"] == "ada"


async def send(port: str) -> None:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
        response = await client.post(
            f"http://127.0.0.1:{port}/webhooks/rest/webhook",
            json={"sender": "ada", "message": '/note{"number": 7}'},
            headers={"traceparent": f"00-{TRACE}-{PARENT}-01"},
        )
    # Over gRPC the action sees a whole number.
    texts = [reply["text"].replace(".0", "") for reply in response.json()]
    assert texts == ["Noted 7, in all 7."]
