import type { MessageType } from '@txmsg/contracts/messages';
import { chunks } from '@txmsg/core';
import type { AttemptContext } from './local-transaction.js';
import type { HalfMessage, PreparedHalf, RelayLink } from './relay-link.js';
import { releaseUnsent } from './release-unsent.js';
import type { StagedMessage } from './staged-messages.js';

/** A half message of an attempt, and whose it is. */
export interface SentHalf {
  readonly half: PreparedHalf;
  readonly messages: readonly StagedMessage[];
}

/** What sending needs. */
export interface SendHalvesOptions extends AttemptContext {
  readonly relay: RelayLink;
  readonly maxGroupSize: number;
}

/** Of the contents of one message. A broker takes bodies of 4 MiB at most. */
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * Sends the half messages of a local transaction, one per type or more when there are many transactions of one. Those for
 * which the relay has no room are left to the outbox.
 */
export function sendHalves(
  { relay, maxGroupSize }: Pick<SendHalvesOptions, 'relay' | 'maxGroupSize'>,
  attempt: { readonly transactionId: string; readonly createTime: Date },
  messages: readonly StagedMessage[],
): SentHalf[] {
  return [...byType(messages)].flatMap(([type, ofType]) =>
    chunks(ofType, maxGroupSize)
      .flatMap(cutByBytes)
      .map((group) => ({
        messages: group,
        half: relay.available
          ? relay.prepareNextTurn(() => halfMessage(type, attempt, group))
          : Promise.resolve('UNSENT' as const),
      })),
  );
}

/** Ends the half messages. Those that could not be sent are made due for the outbox at once after a COMMIT. */
export function endHalves(
  options: SendHalvesOptions,
  halves: readonly SentHalf[],
  verdict: 'COMMIT' | 'ROLLBACK',
): void {
  for (const { half, messages } of halves) {
    void options.relay.end(half, verdict);
    if (verdict === 'COMMIT') void releaseUnsent(options, half, messages);
  }
}

function byType(messages: readonly StagedMessage[]): ReadonlyMap<MessageType<unknown>, StagedMessage[]> {
  const found = new Map<MessageType<unknown>, StagedMessage[]>();
  for (const message of messages) {
    const ofType = found.get(message.messageType);
    if (ofType) ofType.push(message);
    else found.set(message.messageType, [message]);
  }
  return found;
}

function cutByBytes(messages: readonly StagedMessage[]): StagedMessage[][] {
  const parts: StagedMessage[][] = [];
  let left = 0;
  for (const message of messages) {
    const last = parts.at(-1);
    if (last && message.payload.length <= left) last.push(message);
    else {
      parts.push([message]);
      left = MAX_BYTES;
    }
    left -= message.payload.length;
  }
  return parts;
}

function halfMessage(
  type: MessageType<unknown>,
  { transactionId, createTime }: { readonly transactionId: string; readonly createTime: Date },
  messages: readonly StagedMessage[],
): HalfMessage {
  const createTimeMs = createTime.getTime();
  // As they were when they were published: their objects may have changed since.
  const entries = messages.map(({ txNo, payload }) => ({
    txNo,
    createTimeMs,
    message: type.codec.read(payload.toString()),
  }));
  const body = type.codec.encode(entries);
  const txNos = messages.map(({ txNo }) => txNo);
  return { transactionId, createTimeMs, topic: type.topic, type: type.type, body, txNos };
}
