package shop;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The actions that the conformance suite of Duologue calls; delete this file in a server of your own. */
final class ReferenceActions {

    private static final int MOST_TICKS = 200;

    private static final Map<String, Integer> CALLS_BY_KEY = new ConcurrentHashMap<>();

    private ReferenceActions() {
    }

    static List<Action> all() {
        return List.of(
                Action.of("conformance_say", context -> {
                    context.replies().say("Hello.");
                    return List.of();
                }),
                Action.of("conformance_rich", context -> {
                    context.replies().say(richMessage());
                    return List.of();
                }),
                Action.of("conformance_response", context -> {
                    context.replies().respond("utter_greet", Map.of("name", "Ada"));
                    return List.of();
                }),
                Action.of("conformance_echo_slots", context ->
                        new TreeMap<>(context.tracker().slots()).entrySet().stream()
                                .map(slot -> Events.slotSet("echo_" + slot.getKey(), slot.getValue()))
                                .toList()),
                Action.of("conformance_count_events", context ->
                        List.of(Events.slotSet("event_count", context.tracker().events().size()))),
                Action.of("conformance_latest", context -> {
                    context.replies().say(String.valueOf(context.tracker().latestMessage().get("text")));
                    return List.of();
                }),
                Action.of("conformance_events", context -> oneEventOfEveryKind()),
                Action.of("conformance_nothing", context -> List.of()),
                Action.of("conformance_reject", context -> {
                    throw new Action.Rejection("Not today.");
                }),
                Action.of("conformance_fail", context -> {
                    throw new IllegalStateException("This action always fails.");
                }),
                Action.of("conformance_domain", context ->
                        List.of(Events.slotSet(
                                "intent_count", Json.asList(context.domain().get("intents")).size()))),
                Action.of("conformance_slow", context -> {
                    Thread.sleep(1000);
                    context.replies().say("Done.");
                    return List.of();
                }),
                Action.of("conformance_stream", context -> {
                    List.of("one ", "two ", "three").forEach(context.replies()::say);
                    return List.of(Events.slotSet("streamed", true));
                }),
                Action.of("conformance_stream_long", context -> {
                    for (int tick = 0; tick < MOST_TICKS; tick++) {
                        context.replies().say("tick ");
                    }
                    return List.of(Events.slotSet("ticks", MOST_TICKS));
                }),
                Action.of("conformance_key", context ->
                        List.of(Events.slotSet("key", context.idempotencyKey()))),
                Action.of("conformance_count_calls", context ->
                        List.of(Events.slotSet(
                                "calls",
                                CALLS_BY_KEY.merge(String.valueOf(context.idempotencyKey()), 1, Integer::sum)))));
    }

    private static Map<String, Object> richMessage() {
        return Map.of(
                "text", "Look.",
                "image", "https://example.org/image.png",
                "attachment", "https://example.org/file.pdf",
                "buttons", List.of(
                        Map.of("title", "Yes", "payload", "/affirm"),
                        Map.of("title", "No", "payload", "/deny")),
                "elements", List.of(Map.of("title", "Card", "subtitle", "One of one")),
                "custom", Map.of("a", 1));
    }

    private static List<Map<String, Object>> oneEventOfEveryKind() {
        Map<String, Object> understood = Map.of(
                "intent", Map.of("name", "greet", "confidence", 1.0), "entities", List.of());
        return List.of(
                Events.userUttered("hi", understood, "rest"),
                Events.botUttered(
                        "Hello.", Map.of("image", "https://example.org/image.png"), Map.of("mood", "good")),
                Events.slotSet("color", "blue"),
                Events.restarted(),
                Events.sessionStarted(),
                Events.sessionEnded(),
                Events.userUtteranceReverted(),
                Events.allSlotsReset(),
                Events.reminderScheduled(
                        "remind",
                        "2031-01-02T03:04:05+00:00",
                        List.of(Map.of("entity", "name", "value", "Ada")),
                        "tea",
                        false),
                Events.reminderCancelled("tea", "remind", null),
                Events.actionReverted(),
                Events.storyExported(),
                Events.followupAction("action_next"),
                Events.conversationPaused(),
                Events.conversationResumed(),
                Events.actionExecuted("action_done", "RulePolicy", 0.5),
                Events.agentUttered("I am a person.", Map.of("a", 1)),
                Events.activeLoop("order_form"),
                Events.loopInterrupted(true),
                Events.actionExecutionRejected("action_no", "RulePolicy", 0.25));
    }
}
