"""`duologue run` in front of a stock `rasa_sdk` server: what its actions stream reaches a client of the REST channel."""

import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.faults.served_project import WEBHOOK, ServedProject, open_client
from tests.peers.rasa_sdk import StockActionServer

pytestmark = pytest.mark.slow

SHOP = Path(__file__).with_name("flower_shop")
WHISTLE_SECONDS = 8.0
"""How long the action whistles to somebody who listens."""


@asynccontextmanager
async def serve_shop(folder: Path, actions: StockActionServer) -> AsyncIterator[ServedProject]:
    shutil.copytree(SHOP, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: {actions.url}\n", encoding="utf-8")
    server = ServedProject(folder)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


async def say(client: httpx2.AsyncClient, server: ServedProject, sender: str, text: str) -> list[Any]:
    response = await client.post(server.url + WEBHOOK, json={"sender": sender, "message": text})
    assert response.status_code == 200
    return [message.get("text") for message in response.json()]


async def listen(
    client: httpx2.AsyncClient, server: ServedProject, sender: str, text: str, *, lines: int
) -> list[Any]:
    """The first lines of a streamed answer; then hang up."""
    heard: list[Any] = []
    body = {"sender": sender, "message": text}
    async with client.stream("POST", f"{server.url}{WEBHOOK}?stream=true", json=body) as response:
        async for line in response.aiter_lines():
            heard.append(json.loads(line))
            if len(heard) == lines:
                break
    return heard


async def test_an_order_is_taken_over_the_rest_channel(tmp_path: Path) -> None:
    with StockActionServer(SHOP) as actions:
        async with serve_shop(tmp_path, actions) as server, open_client() as client:
            assert await say(client, server, "ada", "/order_flowers") == ["Which flower?"]
            assert await say(client, server, "ada", "/SetSlots(flower=violets)") == [
                "We have no violet.",
                "Which flower?",
            ]
            assert await say(client, server, "ada", "/SetSlots(flower=tulips)") == ["How many?"]
            assert await say(client, server, "ada", "/SetSlots(count=4)") == ["How shall we wrap them?"]
            (ordered,) = await say(client, server, "ada", "/SetSlots(wrapping=paper)")
            assert ordered.endswith("of tulip in paper: 5.0 euros.")


async def test_pieces_reach_the_client_and_stop_when_it_hangs_up(tmp_path: Path) -> None:
    with StockActionServer(SHOP, grpc=True) as actions:
        async with serve_shop(tmp_path, actions) as server, open_client() as client:
            heard = await listen(client, server, "ada", "/tell_of_roses", lines=100)
            assert [(line.get("text"), line.get("stream_id")) for line in heard] == [
                ("A rose ", 1),
                ("is a rose ", 1),
                ("is a rose.", 1),
                (None, 1),
                ("So they say.", None),
            ]
            began = time.monotonic()
            whistled = await listen(client, server, "ben", "/whistle", lines=5)
            assert [line["text"] for line in whistled] == ["la "] * 5
            # The next message waits for the action, which ends since nobody listens.
            assert await say(client, server, "ben", "/greet_visitor") == ["Welcome, visitor 1."]
            assert time.monotonic() - began < WHISTLE_SECONDS
