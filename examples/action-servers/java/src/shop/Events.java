package shop;

import java.util.LinkedHashMap;
import java.util.Map;

/** What an action may tell the assistant to do: one function for each kind of event. */
final class Events {

    private Events() {
    }

    static Map<String, Object> slotSet(String name, Object value) {
        return event("slot", "name", name, "value", value);
    }

    static Map<String, Object> allSlotsReset() {
        return event("reset_slots");
    }

    static Map<String, Object> userUttered(String text, Map<String, Object> parseData, String inputChannel) {
        return event("user", "text", text, "parse_data", parseData, "input_channel", inputChannel);
    }

    static Map<String, Object> botUttered(String text, Map<String, Object> data, Map<String, Object> metadata) {
        return event("bot", "text", text, "data", data, "metadata", metadata);
    }

    static Map<String, Object> agentUttered(String text, Map<String, Object> data) {
        return event("agent", "text", text, "data", data);
    }

    static Map<String, Object> sessionStarted() {
        return event("session_started");
    }

    static Map<String, Object> sessionEnded() {
        return event("session_ended", "metadata", null);
    }

    static Map<String, Object> restarted() {
        return event("restart");
    }

    static Map<String, Object> conversationPaused() {
        return event("pause");
    }

    static Map<String, Object> conversationResumed() {
        return event("resume");
    }

    static Map<String, Object> userUtteranceReverted() {
        return event("rewind");
    }

    static Map<String, Object> actionReverted() {
        return event("undo");
    }

    static Map<String, Object> storyExported() {
        return event("export");
    }

    static Map<String, Object> followupAction(String name) {
        return event("followup", "name", name);
    }

    static Map<String, Object> actionExecuted(String name, String policy, Double confidence) {
        return event("action", "name", name, "policy", policy, "confidence", confidence);
    }

    static Map<String, Object> actionExecutionRejected(String name, String policy, Double confidence) {
        return event("action_execution_rejected", "name", name, "policy", policy, "confidence", confidence);
    }

    static Map<String, Object> activeLoop(String name) {
        return event("active_loop", "name", name);
    }

    static Map<String, Object> loopInterrupted(boolean isInterrupted) {
        return event("loop_interrupted", "is_interrupted", isInterrupted);
    }

    /** {@code dateTime} is of ISO 8601, with its offset. */
    static Map<String, Object> reminderScheduled(
            String intent, String dateTime, Object entities, String name, boolean killOnUserMessage) {
        return event(
                "reminder",
                "intent", intent,
                "entities", entities,
                "date_time", dateTime,
                "name", name,
                "kill_on_user_msg", killOnUserMessage);
    }

    static Map<String, Object> reminderCancelled(String name, String intent, Object entities) {
        return event("cancel_reminder", "intent", intent, "entities", entities, "name", name);
    }

    /** An event of this kind, with the fields that follow as names and values. */
    private static Map<String, Object> event(String kind, Object... fields) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("event", kind);
        event.put("timestamp", null); // the assistant fills the time in
        for (int i = 0; i < fields.length; i += 2) {
            event.put((String) fields[i], fields[i + 1]);
        }
        return event;
    }
}
