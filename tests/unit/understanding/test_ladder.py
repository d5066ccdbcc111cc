"""Rungs are asked in order; one that fails or is unsure passes the message on."""

import logging

import pytest

from duologue.core import commands as cmd
from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.state import State
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.understanding.ladder import Ladder

MESSAGE = UserMessage(conversation_id=ConversationId("c"), text="hello")
OFFERS = Offers(State(conversation_id=ConversationId("c")), Flows([]), Domain())


class Sure:
    def __init__(self, name: str, command: cmd.Command | None) -> None:
        self.name = name
        self._command = command
        self.is_warm = False

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        if self._command is None:
            return None
        return Understanding(commands=(self._command,), evidence=(Evidence(rung=self.name),))

    def warm_up(self) -> None:
        self.is_warm = True


class Broken(Sure):
    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        raise RuntimeError("no answer in time")


async def test_the_first_rung_that_is_sure_answers() -> None:
    ladder = Ladder([Sure("a", None), Sure("b", cmd.ChitChat()), Sure("c", cmd.CancelFlow())])

    understanding = await ladder.understand(MESSAGE, OFFERS)

    assert understanding.commands == (cmd.ChitChat(),)
    assert [evidence.rung for evidence in understanding.evidence] == ["b"]
    assert understanding.evidence[0].milliseconds >= 0


async def test_a_rung_that_fails_passes_the_message_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        understanding = await Ladder([Broken("a", None), Sure("b", cmd.ChitChat())]).understand(
            MESSAGE, OFFERS
        )

    assert understanding.commands == (cmd.ChitChat(),)
    assert "understanding.rung_failed" in caplog.text


async def test_where_no_rung_is_sure_the_message_cannot_be_handled() -> None:
    understanding = await Ladder([Sure("a", None)]).understand(MESSAGE, OFFERS)
    assert understanding.commands == (cmd.CannotHandle(),)


def test_every_rung_is_made_ready() -> None:
    rungs = [Sure("a", None), Sure("b", None)]
    Ladder(rungs).warm_up()
    assert all(rung.is_warm for rung in rungs)
