"""The domain travels once, and every call gets it."""

from collections.abc import Mapping
from typing import Any

import pytest

from duologue.action_server.service import MOST_DOMAINS, ActionService
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import ActionMissingDomain
from duologue.sdk.payloads import ActionResult


class SeenDomains:
    """A runner that notes the domain of each call, and writes into it as careless actions do."""

    def __init__(self) -> None:
        self.domains: list[dict[str, Any]] = []

    def names(self) -> list[str]:
        return ["action_look"]

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        domain = call["domain"]
        self.domains.append({"intents": list(domain.get("intents", ()))})
        if domain:
            domain["intents"].append("careless")
        return {"events": [], "responses": []}


def call(**fields: Any) -> dict[str, Any]:
    return {"next_action": "action_look", **fields}


async def test_a_call_with_a_known_digest_gets_the_domain_as_it_came() -> None:
    runner = SeenDomains()
    service = ActionService(runner)
    await service.run(call(domain={"intents": ["greet"]}, domain_digest="d1"))
    await service.run(call(domain_digest="d1"))
    assert runner.domains == [{"intents": ["greet"]}] * 2


async def test_domains_of_several_assistants_are_known_at_once_and_the_oldest_goes() -> None:
    service = ActionService(SeenDomains())
    for number in range(MOST_DOMAINS + 1):
        await service.run(call(domain={"intents": []}, domain_digest=f"d{number}"))
    await service.run(call(domain_digest="d1"))
    with pytest.raises(ActionMissingDomain):
        await service.run(call(domain_digest="d0"))


async def test_a_caller_that_knows_no_digests_may_leave_the_domain_out() -> None:
    runner = SeenDomains()
    await ActionService(runner).run(call())
    assert runner.domains == [{"intents": []}]


async def test_a_call_without_an_action_has_no_result() -> None:
    assert await ActionService(SeenDomains()).run({"sender_id": "anna"}) is None
