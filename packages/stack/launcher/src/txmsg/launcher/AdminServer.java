package txmsg.launcher;

import com.alibaba.fastjson2.JSON;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/** A small HTTP server on 127.0.0.1 that answers in JSON; for the local stack and its tests only. */
final class AdminServer {
  /** Answers one request; the result is written as JSON. */
  private interface Handler {
    Object handle(Map<String, String> query) throws Exception;
  }

  private final Map<String, Handler> handlers = new HashMap<>();

  private AdminServer() {
    handlers.put("/health", query -> Map.of("ok", true));
    handlers.put("/stop", query -> {
      new Thread(() -> System.exit(0), "stop").start();
      return Map.of("ok", true);
    });
  }

  /** Serves /health and /stop. */
  static void healthOnly(int port) throws IOException {
    new AdminServer().listen(port);
  }

  /** Serves /health, /stop and the administration of the broker. */
  static void forBroker(int port, BrokerAdmin admin) throws IOException {
    AdminServer server = new AdminServer();
    server.handlers.put("/topics", query -> admin.topics());
    server.handlers.put("/topic", query -> {
      admin.createTopic(required(query, "name"), query.getOrDefault("type", "NORMAL"));
      return Map.of("ok", true);
    });
    server.handlers.put("/group", query -> {
      admin.createGroup(required(query, "name"), Integer.parseInt(query.getOrDefault("retryMaxTimes", "16")));
      return Map.of("ok", true);
    });
    server.handlers.put("/query", query -> admin.queryByKey(required(query, "topic"), required(query, "key")));
    server.handlers.put("/progress", query -> admin.progress(required(query, "group")));
    server.handlers.put("/reset-offset", query -> {
      admin.resetOffset(
          required(query, "group"),
          required(query, "topic"),
          Long.parseLong(query.getOrDefault("timestampMs", "0")));
      return Map.of("ok", true);
    });
    server.listen(port);
  }

  private void listen(int port) throws IOException {
    HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    http.setExecutor(Executors.newFixedThreadPool(2));
    http.createContext("/", this::answer);
    http.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    int status = 200;
    Object result;
    try {
      Handler handler = handlers.get(exchange.getRequestURI().getPath());
      if (handler == null) {
        status = 404;
        result = Map.of("error", "no such path");
      } else {
        result = handler.handle(query(exchange));
      }
    } catch (Throwable fault) {
      status = 500;
      result = Map.of("error", fault.toString());
    }
    byte[] body = JSON.toJSONBytes(result);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw == null) return query;
    for (String pair : raw.split("&")) {
      String[] parts = pair.split("=", 2);
      query.put(decode(parts[0]), parts.length > 1 ? decode(parts[1]) : "");
    }
    return query;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String required(Map<String, String> query, String name) {
    String value = query.get(name);
    if (value == null || value.isEmpty()) throw new IllegalArgumentException("missing parameter " + name);
    return value;
  }
}
