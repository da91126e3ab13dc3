import type { MessageGroup } from '@txmsg/contracts/participant';
import { BrokerError, KEY_BYTES_MAX, type TransactionPublisher } from '@txmsg/rocketmq';
import { failpoint, type Logger } from '@txmsg/service';
import type { Counters } from '../counters.js';
import { fitKeys } from '../domain/fit-keys.js';
import { outboxProperties } from '../domain/message-properties.js';

/** What groups are published with. */
export interface PublishGroupsOptions {
  readonly participant: string;
  /** By topic. */
  readonly publishers: ReadonlyMap<string, TransactionPublisher>;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly counters: Counters;
  readonly logger: Logger;
}

/**
 * Publishes groups, a few at a time; those that could not be published come back, and so do all that had not begun at
 * the abort. A group that the broker will never take isn't among them: its lease runs out, so it is tried
 * again with the participant's growing delay and not at once.
 */
export async function publishGroups(
  groups: readonly MessageGroup[],
  options: PublishGroupsOptions,
  signal: AbortSignal,
): Promise<MessageGroup[]> {
  const failed: MessageGroup[] = [];
  const waiting = [...groups];
  const work = async () => {
    for (let group = waiting.shift(); group; group = waiting.shift()) {
      if (signal.aborted || !(await publishGroup(group, options))) failed.push(group);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, groups.length) }, work));
  return failed;
}

async function publishGroup(group: MessageGroup, options: PublishGroupsOptions): Promise<boolean> {
  const { counters, logger, participant, timeoutMs } = options;
  const { topic, body, txNos } = group;
  try {
    const publisher = options.publishers.get(topic);
    if (!publisher) throw new BrokerError('INVALID', `${topic} is not a topic of this relay`);
    const prepared = await publisher.prepare(
      {
        topic,
        body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
        keys: fitKeys(txNos, KEY_BYTES_MAX),
        properties: outboxProperties(participant),
      },
      { timeoutMs },
    );
    await failpoint('relay.outbox-prepared');
    counters.add('outbox_messages');
    counters.add('outbox_transactions', txNos.length);
    // Not ended means that the check-back commits it.
    await publisher.end(prepared, 'COMMIT', { timeoutMs }).catch((error) => {
      counters.add('ends_failed');
      logger.debug({ err: error, participant }, 'outbox message not ended; its check-back commits it');
    });
    return true;
  } catch (error) {
    if (error instanceof BrokerError && (error.code === 'INVALID' || error.code === 'TOO_LARGE')) {
      counters.add('outbox_messages_refused');
      logger.error(
        { err: error, participant, topic, txNos: txNos.slice(0, 10) },
        'the broker does not take this message',
      );
      return true;
    }
    counters.add('outbox_messages_failed');
    logger.debug({ err: error, participant }, 'outbox message not sent');
    return false;
  }
}
