package txmsg.launcher;

/**
 * Bounds an orderly stop. RocketMQ's shutdown hooks wait for fixed times that add up to many
 * seconds; what they flush is on disk long before the last of them returns.
 */
final class ShutdownTimer {
  private ShutdownTimer() {}

  static void install(long millis) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> haltAfter(millis), "shutdown-timer"));
  }

  private static void haltAfter(long millis) {
    Thread timer = new Thread(() -> {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException ended) {
        return;
      }
      Runtime.getRuntime().halt(0);
    }, "shutdown-halt");
    timer.setDaemon(true);
    timer.start();
  }
}
