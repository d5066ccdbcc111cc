package shop;

import java.util.List;
import java.util.Map;

/** The conversation so far. */
record Tracker(
        String senderId,
        Map<String, Object> slots,
        Map<String, Object> latestMessage,
        List<Object> events) {

    static Tracker parse(Map<String, Object> tracker) {
        return new Tracker(
                Json.asText(tracker.get("sender_id")),
                Json.asObject(tracker.get("slots")),
                Json.asObject(tracker.get("latest_message")),
                Json.asList(tracker.get("events")));
    }
}
