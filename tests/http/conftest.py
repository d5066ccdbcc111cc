"""A client that talks to the real application over a scripted assistant."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

import httpx2
import pytest

from duologue.server.app import build_app
from duologue.server.options import ServerOptions
from duologue.server.page_updates import PageUpdates
from duologue.server.reception import Reception
from tests.http.scripted_assistant import ScriptedAssistant

Connect = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def reception(assistant: ScriptedAssistant) -> Reception:
    return Reception(assistant, seconds=5)


@asynccontextmanager
async def open_client(reception: Reception, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A client on an application with the given options."""
    app = build_app(reception, ServerOptions(**options), PageUpdates())
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bot.example") as client:
        yield client


@pytest.fixture
def connect(reception: Reception) -> Connect:
    """Opens a client on the scripted assistant, with the options of the test."""
    return partial(open_client, reception)
