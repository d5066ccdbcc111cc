package shop;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes JSON: maps, lists, strings, numbers, booleans and null. */
final class Json {

    private static final int DEEPEST = 500;
    private static final int LONGEST_NUMBER = 1000;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    /** Says where a text is not JSON. */
    static final class SyntaxError extends Exception {
        SyntaxError(String problem, int at) {
            super(problem + " at character " + at + ".");
        }
    }

    static Object parse(String text) throws SyntaxError {
        Json reader = new Json(text);
        Object value = reader.readValue();
        reader.skipSpace();
        if (reader.at < text.length()) {
            throw reader.fail("Something follows the end");
        }
        return value;
    }

    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    @SuppressWarnings("unchecked") // the reader makes no maps but of strings
    static Map<String, Object> asObject(Object value) {
        return value instanceof Map<?, ?> ? (Map<String, Object>) value : Map.of();
    }

    @SuppressWarnings("unchecked")
    static List<Object> asList(Object value) {
        return value instanceof List<?> ? (List<Object>) value : List.of();
    }

    /** The text, or null if it is none or empty. */
    static String asText(Object value) {
        return value instanceof String text && !text.isEmpty() ? text : null;
    }

    private Object readValue() throws SyntaxError {
        skipSpace();
        if (at == text.length()) {
            throw fail("The text ends too early");
        }
        return switch (text.charAt(at)) {
            case '{' -> readObject();
            case '[' -> readList();
            case '"' -> readString();
            case 't' -> readWord("true", true);
            case 'f' -> readWord("false", false);
            case 'n' -> readWord("null", null);
            default -> readNumber();
        };
    }

    private Map<String, Object> readObject() throws SyntaxError {
        Map<String, Object> object = new LinkedHashMap<>();
        enter();
        if (!skip('}')) {
            do {
                skipSpace();
                String name = readString();
                require(':');
                object.put(name, readValue());
            } while (skip(','));
            require('}');
        }
        depth--;
        return object;
    }

    private List<Object> readList() throws SyntaxError {
        List<Object> list = new ArrayList<>();
        enter();
        if (!skip(']')) {
            do {
                list.add(readValue());
            } while (skip(','));
            require(']');
        }
        depth--;
        return list;
    }

    private void enter() throws SyntaxError {
        at++;
        if (++depth > DEEPEST) {
            throw fail("The text is nested too deeply");
        }
    }

    private String readString() throws SyntaxError {
        require('"');
        StringBuilder string = new StringBuilder();
        while (at < text.length()) {
            char character = text.charAt(at++);
            if (character == '"') {
                return string.toString();
            }
            if (character < ' ') {
                throw fail("A string holds a control character");
            }
            string.append(character == '\\' ? readEscape() : character);
        }
        throw fail("A string does not end");
    }

    private char readEscape() throws SyntaxError {
        if (at == text.length()) {
            throw fail("A string does not end");
        }
        char character = text.charAt(at++);
        return switch (character) {
            case '"', '\\', '/' -> character;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> readCodeUnit();
            default -> throw fail("A string holds an unknown escape");
        };
    }

    private char readCodeUnit() throws SyntaxError {
        int end = at + 4;
        if (end > text.length() || !text.substring(at, end).matches("[0-9a-fA-F]{4}")) {
            throw fail("A \\u is not followed by four hexadecimal digits");
        }
        char unit = (char) Integer.parseInt(text, at, end, 16);
        at = end;
        return unit;
    }

    private Object readWord(String word, Object value) throws SyntaxError {
        if (!text.startsWith(word, at)) {
            throw fail("An unknown word stands");
        }
        at += word.length();
        return value;
    }

    private BigDecimal readNumber() throws SyntaxError {
        int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(start, at);
        if (number.length() > LONGEST_NUMBER
                || !number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,6})?")) {
            throw fail("No value stands");
        }
        // Exact, so that a number goes back as it came.
        return new BigDecimal(number);
    }

    private boolean skip(char character) {
        skipSpace();
        boolean isThere = at < text.length() && text.charAt(at) == character;
        at += isThere ? 1 : 0;
        return isThere;
    }

    private void require(char character) throws SyntaxError {
        if (!skip(character)) {
            throw fail("There is no " + character);
        }
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private SyntaxError fail(String problem) {
        return new SyntaxError(problem, at);
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof String string) {
            writeString(string, out);
        } else if (value instanceof Map<?, ?> object) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : object.entrySet()) {
                out.append(separator);
                writeString((String) entry.getKey(), out);
                out.append(':');
                write(entry.getValue(), out);
                separator = ",";
            }
            out.append(object.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            String separator = "[";
            for (Object item : list) {
                out.append(separator);
                write(item, out);
                separator = ",";
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else {
            out.append(value); // a number, a boolean or null
        }
    }

    private static void writeString(String string, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char character = string.charAt(i);
            if (character == '"' || character == '\\') {
                out.append('\\').append(character);
            } else if (character < ' ' || Character.isSurrogate(character)) {
                // Half a pair cannot be written in UTF-8, so halves and pairs are escaped.
                out.append(String.format("\\u%04x", (int) character));
            } else {
                out.append(character);
            }
        }
        out.append('"');
    }
}
