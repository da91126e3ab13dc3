import { TxmsgError } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import type { ReadClaimedOptions } from '../claim/read-claimed.js';
import type { MessageTypes } from '../domain/message-types.js';
import { type PayloadContent, readPayloads } from '../store/claims.js';
import { readKnown } from '../store/settlement.js';
import type { OutboxTables } from '../store/tables.js';
import type { StagedMessage } from './staged-messages.js';

/** Where transactions are looked for. */
export interface FindExistingOptions extends Pick<ReadClaimedOptions, 'readUntyped'> {
  readonly database: Database;
  readonly tables: OutboxTables;
  readonly types: MessageTypes;
}

/**
 * Looks what exists under the txNos of messages. Returns the error for their caller: TX_NO_EXISTS when all exist and ask for the
 * same, TX_NO_CONTENT_MISMATCH when one asks for something else or is missing; undefined when none exists.
 */
export async function findExisting(
  { database, tables, types, readUntyped }: FindExistingOptions,
  messages: readonly StagedMessage[],
): Promise<TxmsgError | undefined> {
  const contents = new Map(messages.map((message) => [message.txNo, contentOf(message)]));
  const found = await database.run(async (db) => {
    const known = (await readKnown(db, tables, [...contents.keys()], false)).map(({ txNo }) => txNo);
    if (known.length === 0) return [];
    const stored = await readPayloads(db, tables, known);
    const own = await readUntyped(db, known);
    return known.map((txNo) => {
      const payload = stored.find((row) => row.txNo === txNo);
      const row = own.find((message) => message.txNo === txNo);
      const content = payload
        ? storedContent(types, payload)
        : row && types.untyped && `${types.untyped.type} ${types.untyped.content(row.message)}`;
      return { txNo, same: content === contents.get(txNo) };
    });
  });
  const [first] = found;
  const other = found.find(({ same }) => !same);
  if (other) return refusal(other.txNo, 'TX_NO_CONTENT_MISMATCH', 'tx_no exists with another content');
  if (first === undefined) return undefined;
  // Who is told that its transaction stands counts on all of its messages.
  if (found.length < contents.size)
    return refusal(
      first.txNo,
      'TX_NO_CONTENT_MISMATCH',
      'tx_no exists, and others of this transaction do not',
    );
  return refusal(first.txNo, 'TX_NO_EXISTS', 'tx_no exists with this content: that transaction stands');
}

function contentOf({ messageType, payload }: StagedMessage): string {
  return `${messageType.type} ${messageType.content(messageType.codec.read(payload.toString()))}`;
}

/** Undefined for a type that this replica doesn't know, or a payload that can't be read: something else in any case. */
function storedContent(types: MessageTypes, { type: name, payload }: PayloadContent): string | undefined {
  const type = types.of(name);
  try {
    return type && `${name} ${type.content(type.codec.read(payload.toString()))}`;
  } catch {
    return undefined;
  }
}

function refusal(txNo: string, reason: string, message: string): TxmsgError {
  return new TxmsgError('ALREADY_EXISTS', message, { info: { reason, metadata: { tx_no: txNo } } });
}
