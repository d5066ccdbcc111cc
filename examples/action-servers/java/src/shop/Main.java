package shop;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Starts the server: {@code java -cp build shop.Main [PORT [INTERFACE]]}. */
final class Main {

    private static final int SECONDS_TO_END = 10;

    private Main() {
    }

    public static void main(String[] arguments) throws IOException {
        // Longer than an assistant keeps an idle connection, so that it never sends into one that closes.
        System.setProperty("sun.net.httpserver.idleInterval", "120");
        // Who sends this slowly would keep a thread for ever.
        System.setProperty("sun.net.httpserver.maxReqTime", "60");
        // Else the end of an answer waits 40 ms for the caller to acknowledge its beginning.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5055;
        String address = arguments.length > 1 ? arguments[1] : "127.0.0.1";

        List<Action> actions = new ArrayList<>(ReferenceActions.all());
        actions.add(new OpeningHours());
        HttpServer server = HttpDoor.open(new InetSocketAddress(address, port), new Executor(actions));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(SECONDS_TO_END)));
        System.out.println("HTTP on port " + server.getAddress().getPort() + ".");
    }
}
