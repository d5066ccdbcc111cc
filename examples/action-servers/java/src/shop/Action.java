package shop;

import java.util.List;
import java.util.Map;

/** An action: the business logic that an assistant calls by name. */
interface Action {

    String name();

    /** Says what it has to say through {@code context.replies()}, and returns events for the assistant. */
    List<Map<String, Object>> run(Context context) throws Exception;

    /** What an action knows when it runs. */
    record Context(
            Tracker tracker,
            Map<String, Object> domain,
            Replies replies,
            /** Null if the caller has none; give it to whatever is changed, so that a repeat changes nothing twice. */
            String idempotencyKey) {
    }

    /** Makes an action of a lambda. */
    static Action of(String name, Body body) {
        return new Action() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public List<Map<String, Object>> run(Context context) throws Exception {
                return body.run(context);
            }
        };
    }

    interface Body {
        List<Map<String, Object>> run(Context context) throws Exception;
    }

    /** Thrown by an action that does not want to run now: the assistant does something else instead. */
    final class Rejection extends Exception {
        Rejection(String reason) {
            super(reason);
        }
    }
}
