"""One value of every kind of event, and a state; the files beside this one hold their JSON."""

from duologue.core import commands as cmd
from duologue.core import events as ev
from duologue.core.ids import ConversationId, FrameId
from duologue.core.messages import BotMessage, Button
from duologue.core.stack import FlowFrame, FrameType, PatternFrame
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.core.understanding import Entity, Evidence, Intent, Understanding

IDS = {"model_id": "8a5b", "assistant_id": "bank", "session_id": "s-1"}

STACK = (
    FlowFrame(flow_id="check_balance", step_id="0_ask", frame_id=FrameId("AAAA1111"), fingerprint="f00d"),
    FlowFrame(
        flow_id="transfer_money",
        step_id="1_collect_amount",
        frame_type=FrameType.INTERRUPT,
        frame_id=FrameId("BBBB2222"),
    ),
    PatternFrame(
        flow_id="pattern_collect_information",
        step_id="START",
        frame_id=FrameId("CCCC3333"),
        context={"collect": "amount", "utter": "utter_ask_amount", "rejections": []},
    ),
)

UNDERSTANDING = Understanding(
    commands=(
        cmd.StartFlow(flow="transfer_money"),
        cmd.SetSlot(name="amount", value=20.0, extractor="LOCAL"),
        cmd.CorrectSlots(corrected_slots=(cmd.SetSlot(name="recipient", value="Zoë"),)),
        cmd.Clarify(options=("transfer_money", "check_balance")),
        cmd.ReportError(error_type="rasa_internal_error_user_input_too_long", info={"max_characters": 4}),
        cmd.CannotHandle(),
        cmd.CancelFlow(),
        cmd.ChitChat(),
        cmd.KnowledgeAnswer(),
        cmd.HumanHandoff(),
        cmd.SkipQuestion(),
        cmd.RepeatBotMessages(),
        cmd.SessionStart(),
        cmd.SessionEnd(),
        cmd.UserSilence(),
        cmd.Restart(),
        cmd.HandleCodeChange(),
        cmd.Noop(),
        cmd.ChangeFlow(),
    ),
    evidence=(Evidence(rung="local", confidence=0.93, reason="An example of the flow.", milliseconds=0.4),),
    intent=Intent(name="transfer", confidence=0.8),
    entities=(
        Entity(entity="amount", value=20, start=5, end=7, role="sent", confidence=0.9, extractor="numbers"),
    ),
    intent_ranking=(Intent(name="transfer", confidence=0.8), Intent(name="greet", confidence=0.1)),
)

EVENTS: tuple[ev.Event, ...] = (
    ev.SessionStarted(session_id="s-1", timestamp=1700000000.25, metadata=IDS),
    ev.UserSpoke(
        text="send 20 to Zoë 🦊",
        understanding=UNDERSTANDING,
        channel="rest",
        message_id="m-1",
        user_id="u-1",
        timestamp=1700000001.5,
        metadata={**IDS, "locale": "en"},
    ),
    ev.UserFeaturized(use_text_for_featurization=False, timestamp=1700000001.5),
    ev.EntitiesAdded(entities=(Entity(entity="city", value="Oslo"),), timestamp=1700000001.5),
    ev.FlowStarted(flow_id="transfer_money", timestamp=1700000001.5),
    ev.FlowInterrupted(flow_id="check_balance", step_id="0_ask", timestamp=1700000001.5),
    ev.StackChanged(stack=STACK, timestamp=1700000001.5),
    ev.SlotWasSet(name="amount", value=20.0, filled_by="transfer_money", timestamp=1700000001.5),
    ev.SlotWasSet(name="recipient", timestamp=1700000001.5),
    ev.ActionExecuted(
        name="utter_ask_amount",
        policy="FlowPolicy",
        confidence=1.0,
        timestamp=1700000001.5,
        hide_rule_turn=True,
    ),
    ev.BotSpoke(
        message=BotMessage(
            text="How much?",
            buttons=(
                Button(title="20", payload="/SetSlots(amount=20)"),
                Button(
                    title="Fees", payload="", extra={"type": "web_url", "url": "https://bank.example/fees"}
                ),
            ),
            image="https://bank.example/coins.png",
            attachment={"type": "file"},
            elements=({"title": "Fees"},),
            quick_replies=({"title": "20"},),
            custom={"blocks": [1, 2]},
            response="utter_ask_amount",
            metadata={"rephrase": True},
        ),
        timestamp=1700000001.75,
        metadata={**IDS, "utter_source": "template"},
    ),
    ev.BotSpoke(message=BotMessage(text="Plain."), timestamp=1700000001.75),
    ev.ActionRejected(name="order_form", policy="RulePolicy", confidence=0.5, timestamp=1700000002.0),
    ev.FlowResumed(flow_id="check_balance", step_id="0_ask", timestamp=1700000002.0),
    ev.FlowCompleted(flow_id="transfer_money", step_id="2_done", timestamp=1700000002.0),
    ev.FlowCancelled(flow_id="check_balance", step_id="0_ask", timestamp=1700000002.0),
    ev.LoopActivated(name="order_form", timestamp=1700000003.0),
    ev.LoopInterrupted(is_interrupted=True, timestamp=1700000003.0),
    ev.LoopActivated(timestamp=1700000003.0),
    ev.FollowupRequested(name="action_next", timestamp=1700000003.0),
    ev.ReminderScheduled(
        intent="remind",
        date_time="2026-05-01T08:00:00+00:00",
        name="morning",
        entities=[{"entity": "day", "value": "Friday"}],
        kill_on_user_message=False,
        timestamp=1700000003.0,
    ),
    ev.ReminderCancelled(name="morning", timestamp=1700000003.0),
    ev.AgentSpoke(text="A person here.", data={"agent": "Kim"}, timestamp=1700000003.0),
    ev.SlotsReset(timestamp=1700000004.0),
    ev.UserReverted(timestamp=1700000004.0),
    ev.ActionReverted(timestamp=1700000004.0),
    ev.StoryExported(path="story.yml", timestamp=1700000004.0),
    ev.RoutingSessionEnded(timestamp=1700000004.0),
    ev.TurnFailed(error_type="action_failed", reason="The action server is away.", timestamp=1700000004.0),
    ev.TurnCutOff(timestamp=1700000004.0),
    ev.UserSpoke(
        text="EXTERNAL: remind",
        understanding=Understanding(
            commands=(cmd.StartFlow(flow="remind", is_explicit=True),),
            evidence=(Evidence(rung="reminder", reason="intent"),),
            intent=Intent(name="remind"),
            intent_ranking=(Intent(name="remind"),),
        ),
        reminder="morning",
        timestamp=1700000005.0,
        metadata={**IDS, "is_external": True},
    ),
    ev.ConversationPaused(timestamp=1700000005.0),
    ev.ConversationResumed(timestamp=1700000005.0),
    ev.ConversationInactive(timestamp=1700000005.0),
    ev.SessionPaused(reason="maintenance", timestamp=1700000005.0),
    ev.OtherEvent(type_name="agent_started", data={"agent_id": "a", "flow_id": "f"}, timestamp=1700000005.0),
    ev.ConversationRestarted(timestamp=1700000006.0),
    ev.SessionEnded(timestamp=1700000006.0, metadata={"_reason": "hung up"}),
)

STATE: State = fold(
    State(conversation_id=ConversationId("anna/1")),
    (*EVENTS[:12], *(event for event in EVENTS if isinstance(event, ev.ReminderScheduled))),
)
