"""What a remote action adds to a turn, against the same action in the process and a bare exchange of the same bytes."""

import asyncio
import gc
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from benchmarks.action_project import make_text, write_action_project, write_endpoints
from benchmarks.bare_action_server import ANSWER, METHOD
from benchmarks.local_servers import (
    HOST,
    REPOSITORY,
    ServerProcess,
    find_free_port,
    start_server,
)
from benchmarks.measured_assistant import make_message
from benchmarks.results import Row
from duologue.adapters.tracker_store.memory import open_store
from duologue.runtime.assistant import Assistant
from duologue.runtime.opening import ProjectPlaces, open_assistant
from duologue.runtime.settings import Settings

TARGET_MILLISECONDS = 2.0
TURNS_OF_A_CONVERSATION = 15
"""Enough for a record of about a hundred events, as many as an action sees."""
WARM_UP = 60
STOCK_PYTHON = REPOSITORY / ".peers" / "rasa-sdk-3.21.1" / "bin" / "python"

Exchange = Callable[[], Awaitable[object]]


async def measure_remote_actions(folder: Path, *, is_quick: bool) -> list[Row]:
    """The median turn with its action elsewhere, less the median turn with its action in the process.

    All assistants take turns, so that a busy machine is as busy for each of them.
    """
    project = write_action_project(folder / "project")
    turns = 200 if is_quick else 1500
    with ExitStack() as servers:
        urls = _start_action_servers(servers, project)
        bare_http = servers.enter_context(_run_bare("http"))
        bare_grpc = servers.enter_context(_run_bare("grpc"))
        async with AsyncExitStack() as opened:
            assistants = {
                name: await opened.enter_async_context(_open(project, name, url))
                for name, url in urls.items()
            }
            body = await _record_call(project)
            post = await opened.enter_async_context(_open_post(bare_http.port, body))
            call = await opened.enter_async_context(_open_grpc_call(bare_grpc.port, body))
            medians = await _time_in_turn(assistants, {"bare http": post, "bare grpc": call}, turns)
    return _make_rows(medians, len(body))


def _start_action_servers(servers: ExitStack, project: Path) -> dict[str, str | None]:
    http = servers.enter_context(_run_actions(project, "--port"))
    grpc_port = find_free_port()
    servers.enter_context(_run_actions(project, "--grpc-port", str(grpc_port), "--port"))
    urls: dict[str, str | None] = {
        "in process": None,
        "http": f"http://{HOST}:{http.port}/webhook",
        "grpc": f"grpc://{HOST}:{grpc_port}",
    }
    if STOCK_PYTHON.exists():
        stock = servers.enter_context(_run_stock(project))
        urls["stock http"] = f"http://{HOST}:{stock.port}/webhook"
        stock = servers.enter_context(_run_stock(project, "--grpc"))
        urls["stock grpc"] = f"grpc://{HOST}:{stock.port}"
    return urls


@contextmanager
def _run_actions(project: Path, *options: str) -> Iterator[ServerProcess]:
    port = find_free_port()
    arguments = ["-m", "duologue", "actions", str(project), "--interface", HOST, *options, str(port)]
    with start_server(arguments, port=port, ready_path="/health", folder=project) as server:
        yield server


@contextmanager
def _run_stock(project: Path, *options: str) -> Iterator[ServerProcess]:
    port = find_free_port()
    arguments = ["-m", "rasa_sdk", "--actions", "actions", *options, "--port", str(port)]
    path = None if "--grpc" in options else "/health"
    with start_server(arguments, port=port, ready_path=path, folder=project, python=STOCK_PYTHON) as server:
        yield server


@contextmanager
def _run_bare(kind: str) -> Iterator[ServerProcess]:
    port = find_free_port()
    arguments = ["-m", "benchmarks.bare_action_server", kind, str(port)]
    with start_server(
        arguments, port=port, ready_path="/health" if kind == "http" else None, folder=REPOSITORY
    ) as server:
        yield server


@asynccontextmanager
async def _open(project: Path, name: str, url: str | None) -> AsyncIterator[Assistant]:
    endpoints = write_endpoints(project, name.replace(" ", "-"), url)
    assistant = await open_assistant(
        project,
        Settings(use_language_models=False),
        places=ProjectPlaces(endpoints=endpoints),
        tracker_store=await open_store(),
    )
    try:
        yield assistant
    finally:
        await assistant.close()


async def _record_call(project: Path) -> bytes:
    """The body of a call as it goes out in the last turn of a conversation."""
    bodies: list[bytes] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                bodies.append(await reader.readexactly(_find_length(head)))
                writer.write(
                    _make_head("HTTP/1.1 200 OK", ANSWER, "duologue-features: domain-digest") + ANSWER
                )
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(accept, HOST, 0)
    async with server:
        url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}/webhook"
        async with _open(project, "recorded", url) as assistant:
            for number in range(TURNS_OF_A_CONVERSATION):
                await assistant.handle(make_message("recorded", make_text(number)))
    return bodies[-1]


def _find_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _make_head(first: str, body: bytes, *fields: str) -> bytes:
    lines = [first, "Content-Type: application/json", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@asynccontextmanager
async def _open_post(port: int, body: bytes) -> AsyncIterator[Exchange]:
    reader, writer = await asyncio.open_connection(HOST, port)
    request = _make_head("POST /webhook HTTP/1.1", body, "Host: localhost") + body

    async def post() -> bytes:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        return await reader.readexactly(_find_length(head))

    try:
        yield post
    finally:
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def _open_grpc_call(port: int, body: bytes) -> AsyncIterator[Exchange]:
    import grpc

    async with grpc.aio.insecure_channel(f"{HOST}:{port}") as channel:
        await asyncio.wait_for(channel.channel_ready(), 30)
        method = channel.unary_unary(METHOD)

        async def call() -> bytes:
            return await method(body)

        yield call


async def _time_in_turn(
    assistants: dict[str, Assistant], exchanges: dict[str, Exchange], turns: int
) -> dict[str, float]:
    """The median of each, in milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in (*assistants, *exchanges)}
    for number in range(WARM_UP + turns):
        if number == WARM_UP:
            gc.collect()
        conversation, place = divmod(number, TURNS_OF_A_CONVERSATION)
        message = make_message(f"measured-{conversation}", make_text(place))
        for name, assistant in assistants.items():
            began = time.perf_counter()
            report = await assistant.handle(message)
            times[name].append(time.perf_counter() - began)
            expected = f"In all {sum(range(place + 1))}."
            # Over gRPC whole numbers have no fraction.
            if [(reply.text or "").replace(".0", "") for reply in report.replies] != [expected]:
                raise RuntimeError(f"The action {name} did not do its work: {report.replies}")
        for name, exchange in exchanges.items():
            began = time.perf_counter()
            await exchange()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(found[WARM_UP:]) * 1000 for name, found in times.items()}


def _make_rows(medians: dict[str, float], size: int) -> list[Row]:
    stock = "with a server of rasa_sdk 3.21"
    bare = {
        "http": ("bare http", "a bare POST of the same bytes"),
        "grpc": ("bare grpc", "a bare call of the same bytes"),
    }
    labels = {
        "http": ("a remote action over HTTP adds to a turn", *bare["http"]),
        "grpc": ("a remote action over gRPC adds to a turn", *bare["grpc"]),
        "stock http": (f"the same over HTTP {stock}", *bare["http"]),
        "stock grpc": (f"the same over gRPC {stock}", *bare["grpc"]),
    }
    here = medians["in process"]
    return [
        Row(
            name=f"{name}, half within",
            value=medians[kind] - here,
            unit="ms",
            floor=floor_name,
            floor_value=medians[floor],
            target=None if kind.startswith("stock") else TARGET_MILLISECONDS,
            note=f"the turn takes {medians[kind]:.2f} ms, with its action in the process {here:.2f} ms; calls of up to {size:,} bytes",
        )
        for kind, (name, floor, floor_name) in labels.items()
        if kind in medians
    ]
