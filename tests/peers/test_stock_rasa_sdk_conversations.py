"""Our assistant in front of a stock `rasa_sdk` server: whole conversations over HTTP, gRPC and gRPC streaming."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import trustme

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.domain import Domain, Form
from duologue.core.errors import ActionRejectedError
from duologue.core.events import BotSpoke, Event, SlotWasSet, TurnFailed, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, ReplyPiece, UserMessage
from duologue.core.slots import MappingType, Slot, SlotMapping, SlotType
from duologue.core.state import LastMessage, State
from duologue.ports.action_runner import ActionCall, ActionResult, ActionRunner
from duologue.runtime.assistant import Assistant
from duologue.runtime.opening import open_assistant
from duologue.runtime.settings import Settings
from tests.peers.rasa_sdk import Certificates, StockActionServer

pytestmark = pytest.mark.slow

SHOP = Path(__file__).with_name("flower_shop")
ANNA = ConversationId("anna")


@pytest.fixture(scope="module", params=["http", "grpc"])
def server(request: pytest.FixtureRequest) -> Iterator[StockActionServer]:
    with StockActionServer(SHOP, grpc=request.param == "grpc") as server:
        yield server


class Talk:
    """A conversation with the flower shop's assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.shown: list[BotMessage | ReplyPiece] = []
        """What a streaming channel was given, of the latest message."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.assistant.close()

    async def says(self, text: str, *, is_streamed: bool = False) -> list[str | None]:
        """The texts of the replies."""
        return [reply.text for reply in await self.hears(text, is_streamed=is_streamed)]

    async def hears(self, text: str, *, is_streamed: bool = False) -> tuple[BotMessage, ...]:
        self.shown = []
        message = UserMessage(conversation_id=ANNA, text=text)
        return (await self.assistant.handle(message, self._show if is_streamed else None)).replies

    async def _show(self, shown: BotMessage | ReplyPiece) -> None:
        self.shown.append(shown)

    async def load_slots(self) -> dict[str, Any]:
        state = await self.assistant.load_state(ANNA)
        assert state is not None
        return dict(state.slots)

    async def load_events(self, kind: type[Event]) -> list[Any]:
        return [event for event in await self.assistant.load_events(ANNA) if isinstance(event, kind)]


async def open_shop(folder: Path, endpoint: str) -> Talk:
    shutil.copytree(SHOP, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  {endpoint}\n", encoding="utf-8")
    return Talk(await open_assistant(folder, Settings(), tracker_store=InMemoryTrackerStore()))


@pytest.fixture
async def talk(server: StockActionServer, tmp_path: Path) -> AsyncIterator[Talk]:
    async with await open_shop(tmp_path, f"url: {server.url}") as talk:
        yield talk


async def test_an_order_is_taken_and_every_slot_is_validated(talk: Talk) -> None:
    assert await talk.says("/order_flowers") == ["Which flower?"]
    assert await talk.says("/SetSlots(flower=violets)") == ["We have no violet.", "Which flower?"]
    assert await talk.says("/SetSlots(flower=Roses)") == ["How many?"]
    assert await talk.says("/SetSlots(count=500)") == ["500 flowers? We sell up to 50.", "How many?"]
    (question,) = await talk.hears("/SetSlots(count=10)")
    assert question.text == "How shall we wrap them?"
    assert [(button.title, button.payload) for button in question.buttons] == [
        ("Paper", "/SetSlots(wrapping=paper)"),
        ("Box", "/SetSlots(wrapping=box)"),
    ]
    # The response's variables are slots and what the action passed.
    (reply,) = await talk.says("/SetSlots(wrapping=box)")
    # A number is a float to a stock action over gRPC, and whole again on its way back.
    assert (reply or "").replace(".0", "") == "10 of rose in box: 35 euros."


async def test_an_action_sees_the_whole_conversation(talk: Talk) -> None:
    for text in (
        "/order_flowers",
        "/SetSlots(flower=lilies)",
        "/SetSlots(flower=lily)",
        "/SetSlots(count=2)",
    ):
        await talk.says(text)
    await talk.says("/SetSlots(wrapping=paper)")
    assert (await talk.load_slots())["receipt"] == {
        "customer": "anna",
        "lines": [{"flower": "lily", "price": 8.0}],
        "messages": 5,
        "latest": "/SetSlots(wrapping=paper)",
        "channel": "rest",
    }


async def test_an_action_decides_how_the_flow_goes_on(talk: Talk) -> None:
    for text in ("/order_flowers", "/SetSlots(flower=lily)", "/SetSlots(count=40)"):
        await talk.says(text)
    ordered, praise, card = await talk.hears("/SetSlots(wrapping=paper)")
    assert ordered.response == "utter_ordered"
    assert praise == BotMessage(
        text="A fine choice.",
        image="https://flowers.example/rose.png",
        attachment="https://flowers.example/care.pdf",
        custom={"card": {"kind": "flower", "stars": 5}},
    )
    assert card.elements == ({"title": "Rose", "subtitle": "Red"},)


async def test_slots_are_reset_and_a_response_gets_variables(talk: Talk) -> None:
    (first,) = await talk.hears("/greet_visitor")
    assert first.text == "Welcome, visitor 1."
    assert [button.payload for button in first.buttons] == ["/order_flowers"]
    assert await talk.says("/greet_visitor") == ["Welcome, visitor 2."]
    assert (await talk.load_slots())["visits"] == 2


async def test_a_rejection_fails_its_turn_and_the_conversation_goes_on(talk: Talk) -> None:
    assert len(await talk.says("/look_closed")) == 1
    (failed,) = await talk.load_events(TurnFailed)
    assert failed.reason == "The action 'action_look_closed' declined to run."
    assert await talk.says("/greet_visitor") == ["Welcome, visitor 1."]


async def test_an_exception_fails_its_turn_and_the_conversation_goes_on(talk: Talk) -> None:
    assert len(await talk.says("/spill_water")) == 1
    (failed,) = await talk.load_events(TurnFailed)
    assert "action_spill_water" in failed.reason
    assert "Water everywhere" not in failed.reason
    assert await talk.says("/greet_visitor") == ["Welcome, visitor 1."]


async def test_a_streamed_text_is_said_to_who_takes_no_stream(talk: Talk) -> None:
    # Over HTTP, each piece is a message.
    *pieces, last = await talk.says("/tell_of_roses")
    assert ("".join(map(str, pieces)), last) == ("A rose is a rose is a rose.", "So they say.")
    assert (await talk.load_slots())["flower"] == "rose"


@pytest.fixture(scope="module")
def grpc_server() -> Iterator[StockActionServer]:
    with StockActionServer(SHOP, grpc=True) as server:
        yield server


async def test_a_streamed_text_comes_piece_by_piece(grpc_server: StockActionServer, tmp_path: Path) -> None:
    async with await open_shop(tmp_path, f"url: {grpc_server.url}") as talk:
        texts = await talk.says("/tell_of_roses", is_streamed=True)
        assert texts == ["A rose is a rose is a rose.", "So they say."]
        assert [
            (piece.message.text, piece.is_last) for piece in talk.shown if isinstance(piece, ReplyPiece)
        ] == [
            ("A rose ", False),
            ("is a rose ", False),
            ("is a rose.", False),
            ("A rose is a rose is a rose.", True),
        ]
        assert [spoken.message.text for spoken in await talk.load_events(BotSpoke)] == texts
        assert (await talk.load_slots())["flower"] == "rose"


async def test_a_stream_stops_when_the_user_leaves(grpc_server: StockActionServer, tmp_path: Path) -> None:
    async with await open_shop(tmp_path, f"url: {grpc_server.url}") as talk:
        heard = asyncio.Event()

        async def hear(shown: BotMessage | ReplyPiece) -> None:
            talk.shown.append(shown)
            if len(talk.shown) == 5:
                heard.set()

        message = UserMessage(conversation_id=ANNA, text="/whistle")
        turn = asyncio.create_task(talk.assistant.handle(message, hear))
        await asyncio.wait_for(heard.wait(), 10)
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)
        # The next message waits for the turn that was left.
        assert await talk.says("/greet_visitor") == ["Welcome, visitor 1."]
        (tones,) = [event.value for event in await talk.load_events(SlotWasSet) if event.name == "price"]
        assert 5 <= tones < 400


async def test_conversations_at_once_stay_apart(talk: Talk) -> None:
    async def order(number: int) -> object:
        conversation = ConversationId(f"customer {number}")
        for text in ("/order_flowers", "/SetSlots(flower=tulip)", f"/SetSlots(count={number})"):
            await talk.assistant.handle(UserMessage(conversation_id=conversation, text=text))
        await talk.assistant.handle(
            UserMessage(conversation_id=conversation, text="/SetSlots(wrapping=paper)")
        )
        state = await talk.assistant.load_state(conversation)
        assert state is not None
        return state.slots["price"]

    prices = await asyncio.gather(*(order(number) for number in range(1, 21)))
    assert prices == [1.25 * number for number in range(1, 21)]


# Forms, as an assistant with forms calls them


@pytest.fixture
async def runner(server: StockActionServer, tmp_path: Path) -> AsyncIterator[ActionRunner]:
    async with await open_shop(tmp_path, f"url: {server.url}") as talk:
        assert talk.assistant.actions is not None
        yield talk.assistant.actions


def make_call(action_name: str, *events: Event, text: str = "hi", **slots: object) -> ActionCall:
    async def load() -> tuple[Event, ...]:
        return (UserSpoke(text=text), *events)

    slot = Slot(name="flower", type=SlotType.TEXT, mappings=(SlotMapping(type=MappingType.CUSTOM),))
    form = Form(name="order_form", required_slots=("flower", "count"))
    return ActionCall(
        action_name=action_name,
        state=State(
            conversation_id=ANNA,
            slots={**slots, **{event.name: event.value for event in events if isinstance(event, SlotWasSet)}},
            last_message=LastMessage(text=text),
            active_loop="order_form",
        ),
        domain=Domain(forms={"order_form": form}, slots={slot.name: slot}),
        idempotency_key=f"anna/1/{action_name}",
        load_events=load,
    )


def read_slots(result: ActionResult) -> dict[str, object]:
    return {event.name: event.value for event in result.events if isinstance(event, SlotWasSet)}


async def test_a_form_keeps_a_good_value_and_asks_for_the_next(runner: ActionRunner) -> None:
    result = await runner.run(make_call("validate_order_form", SlotWasSet(name="flower", value="lily")))
    assert read_slots(result) == {"flower": "lily"}


async def test_a_form_refuses_a_value(runner: ActionRunner) -> None:
    result = await runner.run(make_call("validate_order_form", SlotWasSet(name="flower", value="moss")))
    assert read_slots(result) == {"flower": None}
    assert [(said["response"], said["name"]) for said in result.responses] == [
        ("utter_no_such_flower", "moss")
    ]


async def test_a_form_changes_a_value_and_what_it_asks_for(runner: ActionRunner) -> None:
    result = await runner.run(
        make_call("validate_order_form", SlotWasSet(name="count", value=70.0), flower="rose", count=70.0)
    )
    assert read_slots(result) == {"count": 50, "requested_slot": "wrapping"}


async def test_slots_are_extracted_after_a_message(runner: ActionRunner) -> None:
    result = await runner.run(make_call("action_validate_slot_mappings", text="a tulip please"))
    assert read_slots(result) == {"flower": "tulip"}


async def test_a_rejection_is_told_apart_from_a_failure(runner: ActionRunner) -> None:
    with pytest.raises(ActionRejectedError) as rejected:
        await runner.run(make_call("action_look_closed"))
    assert rejected.value.action_name == "action_look_closed"


async def test_the_actions_of_the_server_are_listed(runner: ActionRunner) -> None:
    names = await runner.list_actions()
    assert names is not None
    assert {"action_take_order", "validate_order_form", "action_validate_slot_mappings"} <= names


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def write_certificate(authority: trustme.CA, folder: Path, name: str) -> tuple[Path, Path]:
    certificate = authority.issue_cert(name)
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(chain, append=True)
    certificate.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return chain, key


async def test_an_order_goes_over_https(authority: trustme.CA, tmp_path: Path) -> None:
    certificates = Certificates(*write_certificate(authority, tmp_path, "localhost"))
    with StockActionServer(SHOP, certificates=certificates) as server:
        endpoint = f"url: {server.url}\n  cafile: ca.pem"
        async with await open_shop(tmp_path, endpoint) as talk:
            assert await talk.says("/greet_visitor") == ["Welcome, visitor 1."]


async def test_an_order_goes_over_mutual_tls(authority: trustme.CA, tmp_path: Path) -> None:
    certificate, key = write_certificate(authority, tmp_path, "localhost")
    write_certificate(authority, tmp_path, "assistant.example")
    certificates = Certificates(certificate, key, tmp_path / "ca.pem")
    with StockActionServer(SHOP, grpc=True, certificates=certificates) as server:
        known = "client_certificate: assistant.example.pem\n  client_key: assistant.example.key"
        async with await open_shop(tmp_path, f"url: {server.url}\n  cafile: ca.pem\n  {known}") as talk:
            assert await talk.says("/greet_visitor") == ["Welcome, visitor 1."]
        async with await open_shop(tmp_path, f"url: {server.url}\n  cafile: ca.pem") as talk:
            (reply,) = await talk.says("/greet_visitor")
            assert reply != "Welcome, visitor 1."


async def test_compressed_bodies_and_a_domain_by_digest_work(
    server: StockActionServer, tmp_path: Path
) -> None:
    endpoint = f"url: {server.url}\n  compress: true\n  enable_selective_domain: true"
    async with await open_shop(tmp_path, endpoint) as talk:
        for text in ("/order_flowers", "/SetSlots(flower=lily)", "/SetSlots(count=2)"):
            replies = await talk.hears(text)
        # The action that asks reads the domain.
        assert [button.title for button in replies[0].buttons] == ["Paper", "Box"]
