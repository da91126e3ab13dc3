import { messageKeys, outboxProperties } from '@txmsg/contracts/message-properties';
import type { MessageGroup } from '@txmsg/contracts/participant';
import { isName } from '@txmsg/contracts/tx-no';
import { failpoint, type Logger } from '@txmsg/core';
import { BrokerError, KEY_BYTES_MAX, type TransactionPublisher } from '@txmsg/rocketmq';
import type { Counters } from '../counters.js';

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

/** What became of groups that were to be published. */
export interface PublishedGroups {
  /** Certainly not on the broker: to be given back, due at once. */
  readonly unsent: readonly MessageGroup[];
  /** Something went wrong with the broker, or the abort came first. */
  readonly faulty: boolean;
}

/** `settled`: the broker has it, or will never take it. `unsent`: it certainly doesn't have it. */
type Fate = 'settled' | 'unsent' | 'unknown';

/**
 * Publishes groups, a few at a time. Those that had not begun at the abort are unsent. Two kinds are not given back:
 * their lease runs out, so the participant's growing delay counts. One kind has an unknown fate; if the broker has the
 * message, its check-back commits it. The other kind is what the broker will never take.
 */
export async function publishGroups(
  groups: readonly MessageGroup[],
  options: PublishGroupsOptions,
  signal: AbortSignal,
): Promise<PublishedGroups> {
  const unsent: MessageGroup[] = [];
  let faulty = false;
  const waiting = [...groups];
  const work = async () => {
    for (let group = waiting.shift(); group; group = waiting.shift()) {
      const fate = signal.aborted ? 'unsent' : await publishGroup(group, options);
      if (fate === 'unsent') unsent.push(group);
      if (fate !== 'settled') faulty = true;
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, groups.length) }, work));
  return { unsent, faulty };
}

async function publishGroup(group: MessageGroup, options: PublishGroupsOptions): Promise<Fate> {
  const { counters, logger, participant, timeoutMs } = options;
  const { topic, body, txNos, type } = group;
  try {
    const publisher = options.publishers.get(topic);
    if (!publisher) throw new BrokerError('INVALID', `${topic} is not a topic of this relay`);
    if (type !== '' && !isName(type)) throw new BrokerError('INVALID', 'the type is no name');
    const prepared = await publisher.prepare(
      {
        topic,
        body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
        keys: messageKeys(txNos, KEY_BYTES_MAX),
        properties: outboxProperties(participant, type),
      },
      { timeoutMs },
    );
    await failpoint('relay.outbox-prepared');
    counters.add('outbox_messages');
    counters.add('outbox_transactions', txNos.length);
    // When it isn't ended, its check-back commits it.
    await publisher.end(prepared, 'COMMIT', { timeoutMs }).catch((error) => {
      counters.add('ends_failed');
      logger.debug({ err: error, participant }, 'outbox message not ended; its check-back commits it');
    });
    return 'settled';
  } catch (error) {
    return tellFailure(error, group, options);
  }
}

/** Counts and logs why a group was not published, and says what that means for it. */
function tellFailure(
  error: unknown,
  { topic, txNos }: MessageGroup,
  { counters, logger, participant }: PublishGroupsOptions,
): Fate {
  if (error instanceof BrokerError && (error.code === 'INVALID' || error.code === 'TOO_LARGE')) {
    counters.add('outbox_messages_refused');
    logger.error(
      { err: error, participant, topic, txNos: txNos.slice(0, 10) },
      'the broker does not take this message',
    );
    return 'settled';
  }
  if (error instanceof BrokerError && !error.outcomeUnknown) {
    counters.add('outbox_messages_failed');
    logger.debug({ err: error, participant }, 'outbox message not sent');
    return 'unsent';
  }
  counters.add('outbox_messages_unknown');
  logger.debug({ err: error, participant }, 'outbox message perhaps sent; it stays claimed');
  return 'unknown';
}
