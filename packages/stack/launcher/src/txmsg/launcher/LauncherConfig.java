package txmsg.launcher;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** What the launcher needs to know besides RocketMQ's own files: {@code launcher.properties}. */
final class LauncherConfig {
  private final Properties values;

  private LauncherConfig(Properties values) {
    this.values = values;
  }

  static LauncherConfig read(Path directory) throws IOException {
    Properties values = new Properties();
    try (Reader reader = Files.newBufferedReader(directory.resolve("launcher.properties"))) {
      values.load(reader);
    }
    return new LauncherConfig(values);
  }

  /** host:port of the name server. */
  String namesrvAddr() {
    return required("namesrvAddr");
  }

  /** host:port of the broker's remoting server. */
  String brokerAddr() {
    return required("brokerAddr");
  }

  /** Port on 127.0.0.1 of the admin HTTP server. */
  int adminPort() {
    return Integer.parseInt(required("adminPort"));
  }

  /** Longest time that an orderly stop may take, in milliseconds. */
  long shutdownMillis() {
    return Long.parseLong(values.getProperty("shutdownMillis", "10000"));
  }

  /** Topic name to message type; written as {@code name:TYPE,name:TYPE}. */
  Map<String, String> topics() {
    return pairs("topics", "NORMAL");
  }

  /** Consumer group to its highest number of retries; written as {@code name:16,name:100000}. */
  Map<String, Integer> groups() {
    Map<String, Integer> groups = new LinkedHashMap<>();
    pairs("groups", "16").forEach((name, retries) -> groups.put(name, Integer.valueOf(retries)));
    return groups;
  }

  private Map<String, String> pairs(String key, String fallback) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String item : values.getProperty(key, "").split(",")) {
      if (item.isEmpty()) continue;
      String[] parts = item.split(":", 2);
      pairs.put(parts[0], parts.length > 1 ? parts[1] : fallback);
    }
    return pairs;
  }

  private String required(String key) {
    String value = values.getProperty(key);
    if (value == null) throw new IllegalArgumentException("launcher.properties has no " + key);
    return value;
  }
}
