package shop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an action says. */
final class Replies {

    private final List<Map<String, Object>> responses = new ArrayList<>();

    List<Map<String, Object>> responses() {
        return responses;
    }

    void say(String text) {
        say(Map.of("text", text));
    }

    /** Any of text, image, attachment, buttons, elements and custom, together. */
    void say(Map<String, Object> message) {
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("text", null);
        response.put("buttons", List.of());
        response.put("elements", List.of());
        response.put("custom", Map.of());
        response.put("template", null);
        response.put("response", null);
        response.put("image", null);
        response.put("attachment", null);
        response.putAll(message);
        responses.add(response);
    }

    /** Says a response of the assistant's domain; the values fill its {variables}. */
    void respond(String name, Map<String, Object> values) {
        Map<String, Object> message = new LinkedHashMap<>(values);
        message.put("template", name);
        message.put("response", name);
        say(message);
    }
}
