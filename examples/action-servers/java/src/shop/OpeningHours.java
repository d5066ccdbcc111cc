package shop;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Says when the shop is open on the day in the slot {@code day}. */
final class OpeningHours implements Action {

    private static final Map<String, String> HOURS = Map.of(
            "monday", "9 to 18",
            "tuesday", "9 to 18",
            "wednesday", "9 to 13",
            "thursday", "9 to 18",
            "friday", "9 to 20",
            "saturday", "10 to 16");

    @Override
    public String name() {
        return "action_opening_hours";
    }

    @Override
    public List<Map<String, Object>> run(Context context) throws Rejection {
        if (!(context.tracker().slots().get("day") instanceof String day)) {
            throw new Rejection("There is no day to look up.");
        }
        String hours = HOURS.get(day.strip().toLowerCase(Locale.ROOT));
        if (hours == null) {
            context.replies().say("We are closed on " + day + ".");
        } else {
            context.replies().say(Map.of(
                    "text", "On " + day + " we are open from " + hours + ".",
                    "buttons", List.of(Map.of("title", "Where are you?", "payload", "/ask_address"))));
        }
        return List.of(Events.slotSet("is_open", hours != null), Events.slotSet("hours", hours));
    }
}
