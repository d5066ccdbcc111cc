"""The suite as tests of pytest, one for each promise."""

from typing import Any

import pytest

from duologue.testing.conformance.actions.check import Check
from duologue.testing.conformance.actions.door import Door
from duologue.testing.conformance.actions.report import Verdict
from duologue.testing.conformance.actions.suite import CHECKS, try_check


def _list_checks() -> list[Any]:
    return [pytest.param(check, id=check.name.replace(" ", "-")) for check in CHECKS]


class ActionServerContract:
    """Derive a class with a fixture `door`: an `HttpDoor` or a `GrpcDoor` to the server."""

    pytestmark = pytest.mark.asyncio

    @pytest.mark.parametrize("check", _list_checks())
    async def test_the_server_keeps_its_promise(self, door: Door, check: Check) -> None:
        if door.transport not in check.transports:
            pytest.skip(f"Nothing of this kind goes over {door.transport}.")
        finding = await try_check(check, door)
        if finding.verdict is Verdict.SKIPPED:
            pytest.skip(finding.reason)
        if finding.verdict is Verdict.BROKEN:
            pytest.fail(finding.reason, pytrace=False)
