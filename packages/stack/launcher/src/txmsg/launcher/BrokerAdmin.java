package txmsg.launcher;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.admin.ConsumeStats;
import org.apache.rocketmq.remoting.protocol.admin.OffsetWrapper;
import org.apache.rocketmq.remoting.protocol.route.QueueData;
import org.apache.rocketmq.remoting.protocol.route.TopicRouteData;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** The administration this project needs of one broker, on RocketMQ's own admin client. */
final class BrokerAdmin {
  private static final int QUEUES = 8;
  private static final long POLL_MILLIS = 20;
  private static final int FIRST_NUDGE = 3;
  private static final int POLLS_BETWEEN_NUDGES = 15;
  private static final long STATS_TIMEOUT_MILLIS = 5_000;
  private static final int ATTEMPTS = 120;
  private static final long ATTEMPT_PAUSE_MILLIS = 250;

  private final String broker;
  private final DefaultMQAdminExt client;

  BrokerAdmin(String namesrvAddr, String broker) throws MQClientException {
    this.broker = broker;
    this.client = new DefaultMQAdminExt(5000L);
    client.setInstanceName("txmsg-launcher");
    client.setNamesrvAddr(namesrvAddr);
    client.setVipChannelEnabled(false);
    client.start();
  }

  /** Waits until the name server routes to the topic. */
  static void awaitTopic(String namesrvAddr, String topic) throws Exception {
    DefaultMQAdminExt client = new DefaultMQAdminExt(5000L);
    client.setInstanceName("txmsg-launcher-wait");
    client.setNamesrvAddr(namesrvAddr);
    client.start();
    while (!hasRoute(client, topic)) Thread.sleep(POLL_MILLIS);
    client.shutdown();
  }

  /** Creates topics and groups, then waits until the name server routes to every topic. */
  void ensure(Map<String, String> topics, Map<String, Integer> groups) throws Exception {
    for (Map.Entry<String, String> topic : topics.entrySet()) {
      retry(() -> putTopic(topic.getKey(), topic.getValue()));
    }
    for (Map.Entry<String, Integer> group : groups.entrySet()) {
      retry(() -> createGroup(group.getKey(), group.getValue()));
    }
    for (String topic : topics.keySet()) awaitRoute(topic);
  }

  /** Creates or updates a topic and returns when the name server routes to it. */
  void createTopic(String name, String type) throws Exception {
    putTopic(name, type);
    awaitRoute(name);
  }

  /** Creates or updates a consumer group; after retryMaxTimes redeliveries a message is a dead letter. */
  void createGroup(String name, int retryMaxTimes) throws Exception {
    SubscriptionGroupConfig group = new SubscriptionGroupConfig();
    group.setGroupName(name);
    group.setRetryMaxTimes(retryMaxTimes);
    client.createAndUpdateSubscriptionGroupConfig(broker, group);
  }

  Set<String> topics() throws Exception {
    return new TreeSet<>(client.fetchAllTopicList().getTopicList());
  }

  /** Messages of the topic whose keys hold the key; an empty list when the index knows none. */
  List<Map<String, Object>> queryByKey(String topic, String key) throws Exception {
    List<Map<String, Object>> found = new ArrayList<>();
    try {
      for (MessageExt message :
          client.queryMessage(topic, key, 64, 0, Long.MAX_VALUE).getMessageList()) {
        found.add(describe(message));
      }
    } catch (MQClientException none) {
      if (none.getResponseCode() != ResponseCode.NO_MESSAGE) throw none;
    }
    return found;
  }

  /** Per queue of the group: the broker's end, the committed offset, and the difference summed up. */
  Map<String, Object> progress(String group) throws Exception {
    ConsumeStats stats = client.examineConsumeStats(broker, group, null, STATS_TIMEOUT_MILLIS);
    List<Map<String, Object>> queues = new ArrayList<>();
    for (Map.Entry<MessageQueue, OffsetWrapper> entry : stats.getOffsetTable().entrySet()) {
      Map<String, Object> queue = new LinkedHashMap<>();
      queue.put("topic", entry.getKey().getTopic());
      queue.put("queueId", entry.getKey().getQueueId());
      queue.put("brokerOffset", entry.getValue().getBrokerOffset());
      queue.put("consumerOffset", entry.getValue().getConsumerOffset());
      queues.add(queue);
    }
    Map<String, Object> progress = new LinkedHashMap<>();
    progress.put("lag", stats.computeTotalDiff());
    progress.put("queues", queues);
    return progress;
  }

  /** Moves the group to the first message stored at or after the time; 0 is the beginning. */
  void resetOffset(String group, String topic, long timestampMillis) throws Exception {
    TopicRouteData route = client.examineTopicRouteInfo(topic);
    for (QueueData data : route.getQueueDatas()) {
      for (int id = 0; id < data.getReadQueueNums(); id++) {
        MessageQueue queue = new MessageQueue(topic, data.getBrokerName(), id);
        long offset =
            timestampMillis <= 0 ? client.minOffset(queue) : client.searchOffset(queue, timestampMillis);
        client.resetOffsetByQueueId(broker, group, topic, id, offset);
      }
    }
  }

  private static Map<String, Object> describe(MessageExt message) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", message.getMsgId());
    shown.put("keys", message.getKeys());
    shown.put("body", new String(message.getBody(), StandardCharsets.UTF_8));
    shown.put("properties", message.getProperties());
    shown.put("bornTimestamp", message.getBornTimestamp());
    shown.put("storeTimestamp", message.getStoreTimestamp());
    shown.put("queueId", message.getQueueId());
    shown.put("queueOffset", message.getQueueOffset());
    return shown;
  }

  private void putTopic(String name, String type) throws Exception {
    TopicConfig topic = new TopicConfig(name, QUEUES, QUEUES);
    topic.getAttributes().put("+message.type", type);
    client.createAndUpdateTopicConfig(broker, topic);
  }

  /**
   * Waits for the route, because the proxy remembers an empty one for 20 seconds. A broker may skip
   * its first registration, and the next one comes 10 seconds later; a configuration update makes
   * it register at once.
   */
  private void awaitRoute(String topic) throws Exception {
    for (int poll = 1; !hasRoute(client, topic); poll++) {
      if (poll % POLLS_BETWEEN_NUDGES == FIRST_NUDGE) nudgeRegistration();
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static boolean hasRoute(DefaultMQAdminExt client, String topic) throws InterruptedException {
    try {
      return !client.examineTopicRouteInfo(topic).getQueueDatas().isEmpty();
    } catch (InterruptedException stopped) {
      throw stopped;
    } catch (Exception notYet) {
      return false;
    }
  }

  private void nudgeRegistration() throws InterruptedException {
    Properties unchanged = new Properties();
    unchanged.setProperty("brokerPermission", "6");
    try {
      client.updateBrokerConfig(broker, unchanged);
    } catch (InterruptedException stopped) {
      throw stopped;
    } catch (Exception notYet) {
      Main.log("registration could not be asked for: " + notYet);
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void retry(Step step) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        step.run();
        return;
      } catch (Exception fault) {
        if (attempt == ATTEMPTS) throw fault;
        Thread.sleep(ATTEMPT_PAUSE_MILLIS);
      }
    }
  }
}
