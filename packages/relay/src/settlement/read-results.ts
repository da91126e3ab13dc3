import type { TxResult } from '@txmsg/contracts/message';
import { decodeResults } from '@txmsg/contracts/results';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import type { ResultBatch } from '../domain/group-results.js';

/** A message with outcomes, those that break the contract left out, or one that can't be read, and why. */
export type ReadResults =
  | {
      readonly batch: ResultBatch<ReceivedMessage, TxResult>;
      /** How many of its outcomes break the contract. */
      readonly invalid: number;
    }
  | { readonly message: ReceivedMessage; readonly fault: unknown };

/** Reads a result message; a body that could not be opened is a fault. Never throws. */
export function readResults(message: ReceivedMessage): ReadResults {
  if (message.unreadable) {
    const { code, detail } = message.unreadable;
    return { message, fault: new Error(`${code}: ${detail}`) };
  }
  const decoded = decodeResults(message.body);
  if ('fault' in decoded) return { message, fault: decoded.fault };
  const { invalid, ...batch } = decoded;
  return { batch: { message, ...batch }, invalid };
}
