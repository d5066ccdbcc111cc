"""The one place that wires an assistant together."""

import hashlib
from functools import partial

import msgspec

from duologue.dialogue.engine import DialogueEngine, Understander
from duologue.dialogue.perform import Performer
from duologue.dialogue.policies.policy import ActionChooser
from duologue.dialogue.timers import find_wake_time
from duologue.flows.flow import Flows
from duologue.ports.action_runner import ActionRunner
from duologue.ports.clock import Clock, SystemClock
from duologue.ports.knowledge_source import KnowledgeSource
from duologue.ports.lock_store import LockStore
from duologue.ports.response_generator import ResponseGenerator
from duologue.ports.tracker_store import TrackerStore
from duologue.project.definition import AssistantDefinition
from duologue.responses.templates import TemplateResponseGenerator
from duologue.runtime.assistant import Assistant, Closable
from duologue.runtime.conversations import Conversations
from duologue.runtime.knowledge import open_knowledge
from duologue.runtime.settings import Settings
from duologue.runtime.understanding import build_understander


def build_assistant(
    definition: AssistantDefinition,
    *,
    tracker_store: TrackerStore,
    lock_store: LockStore,
    actions: ActionRunner | None = None,
    understander: Understander | None = None,
    chooser: ActionChooser | None = None,
    responses: ResponseGenerator | None = None,
    clock: Clock | None = None,
    settings: Settings | None = None,
    language_models: Closable | None = None,
    knowledge: KnowledgeSource | None = None,
    tracing: Closable | None = None,
) -> Assistant:
    """An assistant over the given adapters; what is left out gets its embedded default.

    `language_models` are what understander and knowledge ask; the assistant lets go of them when it ends.
    """
    settings = settings or Settings()
    flows = Flows(definition.flows)
    conversations = Conversations(
        tracker_store,
        lock_store,
        events_for_actions=settings.events_for_actions,
        find_wake_time=partial(find_wake_time, domain=definition.domain),
    )
    knowledge = knowledge or open_knowledge(definition)
    performer = Performer(
        flows=flows,
        domain=definition.domain,
        responses=responses or TemplateResponseGenerator(definition.domain),
        actions=actions,
        load_events=conversations.load_recent_events,
        knowledge=knowledge,
    )
    understander = understander or build_understander(definition, flows)
    engine = DialogueEngine(
        flows=flows,
        domain=definition.domain,
        understander=understander,
        performer=performer,
        chooser=chooser,
        max_characters=definition.config.max_message_characters if flows.user_flows else None,
        clarify_on_multiple_start_flows=settings.clarify_on_multiple_start_flows,
    )
    return Assistant(
        definition=definition,
        flows=flows,
        model_id=compute_model_id(definition),
        engine=engine,
        conversations=conversations,
        tracker_store=tracker_store,
        lock_store=lock_store,
        actions=actions,
        clock=clock or SystemClock(),
        understander=understander,
        language_models=language_models,
        tracing=tracing,
        knowledge=knowledge,
    )


def compute_model_id(definition: AssistantDefinition) -> str:
    """32 hex digits that change whenever anything of the definition does."""
    return hashlib.sha256(msgspec.json.encode(definition)).hexdigest()[:32]
