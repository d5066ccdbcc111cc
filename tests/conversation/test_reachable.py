"""What words can bring about in a state is a set that can be computed, and nothing outside it is ever executed."""

from hypothesis import given
from hypothesis import strategies as st

from duologue.core import commands as cmd
from duologue.core.commands import Command, SetSlot, StartFlow
from duologue.core.events import FlowStarted
from duologue.dialogue.clean_up import clean_up
from duologue.flows.reachable import Reachable
from duologue.testing.conversation import Conversation
from tests.flow_writing import act, ask, controlled, flag, flow, number

CARD = flow("card", act("utter_card"), guard="slots.has_card")
SECRET = flow("secret", ask("code"), act("utter_secret"), guard=False)
TRANSFER = flow("transfer", ask("recipient"), ask("amount"), ask("ok"), act("utter_sent"))
SLOTS = [flag("has_card"), number("amount"), flag("ok"), controlled("balance")]
NAMES = ("card", "secret", "transfer", "pattern_human_handoff", "nowhere")
SLOT_NAMES = ("recipient", "amount", "ok", "code", "has_card", "balance", "nothing")
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.text(max_size=2))
)


def set_slots() -> st.SearchStrategy[SetSlot]:
    return st.builds(
        SetSlot,
        name=st.sampled_from(SLOT_NAMES),
        value=VALUES,
        extractor=st.sampled_from(("LLM", "LOCAL", "NLU")),
    )


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(StartFlow, flow=st.sampled_from(NAMES)),
    set_slots(),
    st.builds(cmd.CorrectSlots, corrected_slots=st.lists(set_slots(), max_size=2).map(tuple)),
    st.builds(cmd.Clarify, options=st.lists(st.sampled_from(NAMES), max_size=4).map(tuple)),
    st.sampled_from(
        (cmd.CancelFlow(), cmd.SkipQuestion(), cmd.ChitChat(), cmd.HumanHandoff(), cmd.RepeatBotMessages())
    ),
)
OWN = (cmd.HandleCodeChange, cmd.Noop, cmd.CannotHandle)


@given(st.lists(st.lists(COMMANDS, max_size=5), min_size=1, max_size=4))
async def test_whatever_is_proposed_only_reachable_commands_are_executed(
    proposals: list[list[Command]],
) -> None:
    async with Conversation.with_flows(CARD, SECRET, TRANSFER, slots=SLOTS) as talk:
        for proposed in proposals:
            await talk.says("x", *proposed)
            offers = talk.script.offers[-1]
            executed = clean_up(proposed, offers)
            starting = frozenset(c.flow for c in executed if isinstance(c, StartFlow))
            reachable = Reachable(offers)
            assert all(isinstance(c, OWN) or reachable.allows(c, starting) for c in executed)
            assert {event.flow_id for event in talk.new_events if isinstance(event, FlowStarted)} <= {
                *reachable.flows,
                *(f.id for f in offers.flows if f.is_pattern),
            }


async def test_a_model_does_not_change_what_the_trained_pipeline_read_unless_the_slot_allows_it() -> None:
    async with Conversation.with_flows(TRANSFER, slots=SLOTS) as talk:
        by_nlu = SetSlot(name="recipient", value="Anna", extractor="NLU")
        await talk.says("send it to Anna", StartFlow(flow="transfer"), by_nlu)
        await talk.says("hm", SetSlot(name="recipient", value="Bob", extractor="LLM"))
        assert talk.slots["recipient"] == "Anna"
        await talk.says("no, Bob", SetSlot(name="recipient", value="Bob", extractor="NLU"))
        assert talk.slots["recipient"] == "Bob"
