package shop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The door for HTTP: GET /health, GET /actions, POST /webhook. */
final class HttpDoor {

    private static final int LARGEST_BODY = 50 * 1024 * 1024;
    private static final int CALLS_AT_ONCE = 64;

    private final Executor executor;

    private HttpDoor(Executor executor) {
        this.executor = executor;
    }

    static HttpServer open(InetSocketAddress address, Executor executor) throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newFixedThreadPool(CALLS_AT_ONCE));
        server.createContext("/", new HttpDoor(executor)::handle);
        server.start();
        return server;
    }

    private record Answer(int status, Object body) {
    }

    /** A request that cannot be answered as it is. */
    private static final class BadRequest extends Exception {
        final int status;

        BadRequest(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(exchange));
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        try {
            return route(exchange);
        } catch (BadRequest error) {
            return new Answer(error.status, Map.of("error", error.getMessage()));
        }
    }

    private Answer route(HttpExchange exchange) throws IOException, BadRequest {
        String method = exchange.getRequestMethod().equals("HEAD") ? "GET" : exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        return switch (method + " " + path) {
            case "GET /health" -> new Answer(200, Map.of("status", "ok"));
            case "GET /actions" -> new Answer(
                    200, executor.names().stream().map(name -> Map.of("name", name)).toList());
            case "POST /webhook" -> runCall(exchange);
            default -> throw switch (path) {
                case "/health", "/actions", "/webhook" ->
                    new BadRequest(405, path + " does not take " + method + ".");
                default -> new BadRequest(404, "There are /health, /actions and /webhook here.");
            };
        };
    }

    private Answer runCall(HttpExchange exchange) throws IOException, BadRequest {
        Map<String, Object> call = readBody(exchange);
        String name = Json.asText(call.get("next_action"));
        if (name == null) {
            return new Answer(200, null);
        }
        try {
            return new Answer(200, executor.run(call, findKey(exchange, call)));
        } catch (Action.Rejection error) {
            return fail(400, name, error);
        } catch (Executor.ActionNotFound error) {
            return fail(404, name, error);
        } catch (Executor.DomainMissing error) {
            return fail(449, name, error);
        } catch (Exception error) {
            System.err.println("The action '" + name + "' failed:");
            error.printStackTrace();
            return fail(500, name, error);
        }
    }

    private static Answer fail(int status, String action, Exception error) {
        return new Answer(status, Map.of("error", String.valueOf(error.getMessage()), "action_name", action));
    }

    private static String findKey(HttpExchange exchange, Map<String, Object> call) {
        String quoted = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        if (quoted == null) {
            return Json.asText(call.get("idempotency_key"));
        }
        try {
            return URLDecoder.decode(quoted.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException error) {
            return quoted; // not percent-quoted: a key is only ever compared
        }
    }

    private static Map<String, Object> readBody(HttpExchange exchange) throws IOException, BadRequest {
        byte[] bytes = readBytes(exchange);
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            if (Json.parse(text) instanceof Map<?, ?> body) {
                return Json.asObject(body);
            }
        } catch (CharacterCodingException error) {
            throw new BadRequest(400, "The body is not UTF-8.");
        } catch (Json.SyntaxError error) {
            throw new BadRequest(400, "The body is not JSON. " + error.getMessage());
        }
        throw new BadRequest(400, "The body has to be a JSON object.");
    }

    private static byte[] readBytes(HttpExchange exchange) throws BadRequest {
        byte[] bytes;
        try (InputStream body = decode(exchange)) {
            bytes = body.readNBytes(LARGEST_BODY + 1);
        } catch (IOException error) {
            throw new BadRequest(400, "The body cannot be read.");
        }
        if (bytes.length > LARGEST_BODY) {
            throw new BadRequest(413, "The body is larger than " + LARGEST_BODY + " bytes.");
        }
        return bytes;
    }

    private static InputStream decode(HttpExchange exchange) throws IOException, BadRequest {
        String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        InputStream body = exchange.getRequestBody();
        return switch (encoding == null ? "identity" : encoding) {
            case "identity" -> body;
            case "deflate" -> new InflaterInputStream(body);
            case "gzip" -> new GZIPInputStream(body);
            default -> throw new BadRequest(
                    415, "The body is encoded as '" + encoding + "'; deflate and gzip are known here.");
        };
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = Json.write(answer.body).getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Duologue-Features", Executor.FEATURES);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(answer.status, -1);
            return;
        }
        exchange.sendResponseHeaders(answer.status, body.length);
        exchange.getResponseBody().write(body);
    }
}
