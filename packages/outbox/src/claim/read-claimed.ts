import type { MessageType, TransactionMessage } from '@txmsg/contracts/messages';
import { chunks, type Logger } from '@txmsg/core';
import type { Queryable } from '@txmsg/mysql';
import type { MessageTypes } from '../domain/message-types.js';
import { type DueRow, readPayloads } from '../store/claims.js';
import type { OutboxTables } from '../store/tables.js';

/** A ready message of claimed transactions. */
export interface ClaimedGroup {
  readonly topic: string;
  readonly type: string;
  readonly body: Buffer;
  readonly txNos: readonly string[];
}

/** What reading claimed rows needs. */
export interface ReadClaimedOptions {
  readonly tables: OutboxTables;
  readonly types: MessageTypes;
  readonly logger: Logger;
  /** Reads the messages of rows without a type from the service's own rows. */
  readonly readUntyped: (
    db: Queryable,
    txNos: readonly string[],
  ) => Promise<readonly TransactionMessage<unknown>[]>;
}

/** The messages of claimed rows, by type. */
export type ClaimedMessages = ReadonlyMap<MessageType<unknown>, readonly TransactionMessage<unknown>[]>;

/** Reads what claimed rows say, in the claim's transaction. */
export async function readClaimed(
  { tables, types, logger, readUntyped }: ReadClaimedOptions,
  tx: Queryable,
  rows: readonly DueRow[],
): Promise<ClaimedMessages> {
  const found = new Map<MessageType<unknown>, TransactionMessage<unknown>[]>();
  const untyped = rows.filter(({ type }) => type === null);
  if (untyped.length > 0 && types.untyped)
    found.set(types.untyped, [...(await readUntyped(tx, txNosOf(untyped)))]);
  const typed = rows.filter(({ type }) => type !== null);
  if (typed.length === 0) return found;
  for (const { txNo, type: name, payload, createTime } of await readPayloads(tx, tables, txNosOf(typed))) {
    const type = types.of(name);
    if (!type) continue;
    const messages = found.get(type) ?? [];
    const message = readPayload(type, payload);
    if (message === undefined)
      logger.error({ txNo, type: name }, 'a payload of the outbox can not be read by its codec');
    else messages.push({ txNo, createTimeMs: createTime.getTime(), message });
    found.set(type, messages);
  }
  return found;
}

/** Writes claimed messages into bodies of `maxGroupSize` transactions at most. */
export function encodeClaimed(messages: ClaimedMessages, maxGroupSize: number): ClaimedGroup[] {
  return [...messages].flatMap(([type, entries]) =>
    chunks(entries, maxGroupSize).map((group) => ({
      topic: type.topic,
      type: type.type,
      body: type.codec.encode(group),
      txNos: txNosOf(group),
    })),
  );
}

function readPayload(type: MessageType<unknown>, payload: Buffer): unknown {
  try {
    return type.codec.read(payload.toString());
  } catch {
    return undefined;
  }
}

function txNosOf(rows: readonly { readonly txNo: string }[]): string[] {
  return rows.map(({ txNo }) => txNo);
}
