"""Stock `rasa_sdk` keeps the promises of the conformance suite: the suite asks for nothing that is ours alone."""

from collections.abc import AsyncIterator, Iterator

import pytest

from duologue.testing.conformance.actions.behaviour_checks import REFERENCE_FILE
from duologue.testing.conformance.actions.contract import ActionServerContract
from duologue.testing.conformance.actions.grpc_door import GrpcDoor
from duologue.testing.conformance.actions.http_door import HttpDoor
from tests.peers.rasa_sdk import StockActionServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def http_server() -> Iterator[StockActionServer]:
    with StockActionServer(REFERENCE_FILE.parent, REFERENCE_FILE.stem) as server:
        yield server


@pytest.fixture(scope="module")
def grpc_server() -> Iterator[StockActionServer]:
    with StockActionServer(REFERENCE_FILE.parent, REFERENCE_FILE.stem, grpc=True) as server:
        yield server


class TestStockOverHttp(ActionServerContract):
    @pytest.fixture
    async def door(self, http_server: StockActionServer) -> AsyncIterator[HttpDoor]:
        door = HttpDoor(http_server.url)
        yield door
        await door.close()


class TestStockOverGrpc(ActionServerContract):
    @pytest.fixture
    async def door(self, grpc_server: StockActionServer) -> AsyncIterator[GrpcDoor]:
        door = GrpcDoor(f"127.0.0.1:{grpc_server.port}")
        yield door
        await door.close()
