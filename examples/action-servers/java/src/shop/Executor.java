package shop;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs calls. */
final class Executor {

    /** What this server does beyond the protocol; every answer says so. */
    static final String FEATURES = "domain-digest";

    private final Map<String, Action> actions = new TreeMap<>();
    private volatile KnownDomain known = new KnownDomain(null, Map.of());

    Executor(List<Action> actions) {
        for (Action action : actions) {
            this.actions.put(action.name(), action);
        }
    }

    private record KnownDomain(String digest, Map<String, Object> domain) {
    }

    static final class ActionNotFound extends Exception {
        ActionNotFound(String name) {
            super("No action is named '" + name + "'.");
        }
    }

    /** The call has a digest of a domain that this server has not seen: it has to be sent again with the domain. */
    static final class DomainMissing extends Exception {
        DomainMissing() {
            super("The domain of this digest is not known here.");
        }
    }

    List<String> names() {
        return List.copyOf(actions.keySet());
    }

    /** The events and responses of the action that the call names. */
    Map<String, Object> run(Map<String, Object> call, String idempotencyKey) throws Exception {
        String name = (String) call.get("next_action");
        Action action = actions.get(name);
        if (action == null) {
            throw new ActionNotFound(name);
        }
        Tracker tracker = Tracker.parse(Json.asObject(call.get("tracker")));
        Replies replies = new Replies();
        var events = action.run(new Action.Context(tracker, findDomain(call), replies, idempotencyKey));
        return Map.of("events", events, "responses", replies.responses());
    }

    private Map<String, Object> findDomain(Map<String, Object> call) throws DomainMissing {
        String digest = Json.asText(call.get("domain_digest"));
        if (call.get("domain") != null) {
            Map<String, Object> domain = Json.asObject(call.get("domain"));
            known = new KnownDomain(digest, domain);
            return domain;
        }
        if (digest == null) {
            return Map.of(); // an older caller, who leaves it out on purpose
        }
        KnownDomain known = this.known;
        if (!digest.equals(known.digest)) {
            throw new DomainMissing();
        }
        return known.domain;
    }
}
