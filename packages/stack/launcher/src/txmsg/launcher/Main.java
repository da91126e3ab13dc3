package txmsg.launcher;

import java.nio.file.Path;
import java.nio.file.Paths;
import org.apache.rocketmq.broker.BrokerStartup;
import org.apache.rocketmq.namesrv.NamesrvStartup;
import org.apache.rocketmq.proxy.ProxyStartup;

/**
 * Runs RocketMQ's own entry points in this JVM: the name server, the broker or the proxy alone, or
 * all of them together (the proxy then runs in local mode and owns the broker).
 *
 * <p>Usage: {@code Main <all|namesrv|broker|proxy> <directory>}. The directory holds
 * {@code launcher.properties} and the configuration files RocketMQ itself reads.
 */
public final class Main {
  private static final long START_NANOS = System.nanoTime();

  private Main() {}

  /** Starts the mode that the first argument names and serves its admin port until it is stopped. */
  public static void main(String[] args) {
    try {
      run(args[0], Paths.get(args[1]));
    } catch (Throwable fault) {
      fault.printStackTrace();
      System.out.flush();
      // A JVM whose main thread has failed would live on half started: end it.
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(String mode, Path directory) throws Exception {
    LauncherConfig config = LauncherConfig.read(directory);
    ShutdownTimer.install(config.shutdownMillis());
    switch (mode) {
      case "namesrv":
        startNameServer(directory);
        AdminServer.healthOnly(config.adminPort());
        break;
      case "broker":
        BrokerStartup.main(new String[] {"-n", config.namesrvAddr(), "-c", file(directory, "broker.conf")});
        serveBroker(config);
        break;
      case "proxy":
        Certificate.ensure(directory);
        // A proxy ends when it can't make this topic; the broker's launcher makes it, too, and tries again when it fails.
        BrokerAdmin.awaitTopic(config.namesrvAddr(), "DefaultHeartBeatSyncerTopic");
        startProxy(config, directory, "cluster");
        AdminServer.healthOnly(config.adminPort());
        break;
      case "all":
        Certificate.ensure(directory);
        startNameServer(directory);
        startProxy(config, directory, "local", "-bc", file(directory, "broker.conf"));
        serveBroker(config);
        break;
      default:
        throw new IllegalArgumentException("unknown mode " + mode);
    }
    log("ready");
  }

  private static void startNameServer(Path directory) {
    NamesrvStartup.main0(new String[] {"-c", file(directory, "namesrv.conf")});
    log("name server started");
  }

  private static void startProxy(LauncherConfig config, Path directory, String mode, String... more) {
    String[] fixed = {"-pm", mode, "-n", config.namesrvAddr(), "-pc", file(directory, "proxy.json")};
    String[] all = java.util.Arrays.copyOf(fixed, fixed.length + more.length);
    System.arraycopy(more, 0, all, fixed.length, more.length);
    ProxyStartup.main(all);
    log("proxy started, mode " + mode);
  }

  /** Creates what the configuration names before anyone is told that the broker is ready. */
  private static void serveBroker(LauncherConfig config) throws Exception {
    BrokerAdmin admin = new BrokerAdmin(config.namesrvAddr(), config.brokerAddr());
    admin.ensure(config.topics(), config.groups());
    log("topics and groups ensured");
    AdminServer.forBroker(config.adminPort(), admin);
  }

  private static String file(Path directory, String name) {
    return directory.resolve(name).toString();
  }

  /** Prints a line with the milliseconds since the JVM's main method was entered. */
  static void log(String line) {
    System.out.printf("[%6d ms] %s%n", (System.nanoTime() - START_NANOS) / 1_000_000, line);
  }
}
