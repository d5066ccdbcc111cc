"""Questions of knowledge are answered from documents, in the middle of a flow or outside of one."""

from duologue.core.commands import KnowledgeAnswer, SetSlot, StartFlow
from duologue.core.documents import Document
from duologue.core.events import ActionExecuted, BotSpoke
from duologue.knowledge.searcher import KnowledgeSearcher
from duologue.ports.knowledge_source import KnowledgeQuery, KnowledgeReply
from duologue.testing.conversation import Conversation
from tests.flow_writing import act, ask, flow

FEES = Document(
    source="fees.txt", text="Q: What does a transfer cost?\nA: Transfers are free. Abroad they cost 5 euros."
)
TRANSFER = flow("transfer", ask("recipient"), ask("amount"), act("utter_sent"))
SEARCH = flow("pattern_search", act("action_trigger_search"))
FREE = "Transfers are free. Abroad they cost 5 euros."


def talk_about_fees() -> Conversation:
    return Conversation.with_flows(TRANSFER, SEARCH, knowledge=KnowledgeSearcher((FEES,), ("en",)))


async def test_a_question_is_answered_and_nothing_stays_open() -> None:
    async with talk_about_fees() as talk:
        assert await talk.says("what does a transfer cost?", KnowledgeAnswer()) == [FREE]
        assert talk.stack == []


async def test_the_flow_goes_on_where_it_was_interrupted() -> None:
    async with talk_about_fees() as talk:
        await talk.says("send money", StartFlow(flow="transfer"))
        assert await talk.says("what does a transfer cost?", KnowledgeAnswer()) == [
            FREE,
            "utter_ask_recipient",
        ]
        assert talk.stack == ["transfer", "pattern_collect_information"]


async def test_the_reply_tells_what_it_was_made_from() -> None:
    async with talk_about_fees() as talk:
        await talk.says("what does a transfer cost?", KnowledgeAnswer())
        (spoken,) = talk.find_events(BotSpoke)

        assert spoken.metadata["utter_source"] == "EnterpriseSearchPolicy"
        assert spoken.metadata["search_query"] == "what does a transfer cost?"
        assert spoken.metadata["search_results"] == [f"What does a transfer cost?\n{FREE}"]
        assert spoken.metadata["sources"] == ["fees.txt"]
        assert "action_trigger_search" in [event.name for event in talk.find_events(ActionExecuted)]


async def test_where_no_document_answers_the_user_is_told_so() -> None:
    async with talk_about_fees() as talk:
        await talk.says("send money", StartFlow(flow="transfer"))
        assert await talk.says("who won the world cup?", KnowledgeAnswer()) == [
            "utter_no_relevant_answer_found",
            "utter_ask_recipient",
        ]


async def test_a_project_without_documents_has_no_answer() -> None:
    async with Conversation.with_flows(TRANSFER, SEARCH) as talk:
        assert await talk.says("what does a transfer cost?", KnowledgeAnswer()) == [
            "utter_no_relevant_answer_found"
        ]


class Notebook:
    """A source of knowledge that writes down what it is asked."""

    def __init__(self) -> None:
        self.queries: list[KnowledgeQuery] = []

    async def answer(self, query: KnowledgeQuery) -> KnowledgeReply | None:
        self.queries.append(query)
        return KnowledgeReply(text="Yes.")

    async def close(self) -> None: ...


async def test_the_source_hears_what_was_said_before_and_knows_the_slots() -> None:
    notebook = Notebook()
    async with Conversation.with_flows(TRANSFER, SEARCH, knowledge=notebook) as talk:
        await talk.says("send money", StartFlow(flow="transfer"))
        await talk.says("Anna", SetSlot(name="recipient", value="Anna"))
        await talk.says("is it free?", KnowledgeAnswer())

    (query,) = notebook.queries
    assert query.question == "is it free?"
    assert [line.text for line in query.earlier][-1] == "utter_ask_amount"
    assert next(line.text for line in query.earlier if line.is_user) == "send money"
    assert query.slots.get("recipient") == "Anna"
