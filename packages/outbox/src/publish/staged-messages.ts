import type { MessageType } from '@txmsg/contracts/messages';
import { isTxNo } from '@txmsg/contracts/tx-no';
import { TxmsgError } from '@txmsg/core';
import type { MessageTypes } from '../domain/message-types.js';
import type { PayloadRow } from '../store/insert-group.js';

/**
 * Adds a message to the local transaction. Its tx_no is unique among all transactions of the participant.
 *
 * @throws TxmsgError INVALID_ARGUMENT for a tx_no that can't be one or stands twice, or a message that is too large
 * @throws Error when the transaction's code has ended: nobody would send it
 */
export type Publish = <M>(type: MessageType<M>, message: M, key: { readonly txNo: string }) => void;

/** A message that waits for the end of its local transaction. */
export interface StagedMessage extends PayloadRow {
  readonly messageType: MessageType<unknown>;
  readonly message: unknown;
}

/** The messages of one local transaction. */
export interface StagedMessages {
  readonly publish: Publish;
  readonly messages: readonly StagedMessage[];
  /** The transaction's code has ended: no message can be added from now on. */
  close(): void;
}

/** Of one message. A broker takes bodies of 4 MiB at most. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Messages of one local transaction. */
const MAX_STAGED = 1_000;
/** Of the messages of one local transaction together: as hexadecimal digits, in one packet of 16 MiB. */
const MAX_STAGED_BYTES = 4 * 1024 * 1024;

/** Makes an empty list for one local transaction. Messages are written as they are published: later changes don't matter. */
export function createStagedMessages(types: MessageTypes): StagedMessages {
  const messages: StagedMessage[] = [];
  const txNos = new Set<string>();
  let bytes = 0;
  let closed = false;
  return {
    messages,
    close() {
      closed = true;
    },
    publish(type, message, { txNo }) {
      if (closed) throw new Error('the transaction has ended: it publishes no more messages');
      types.require(type);
      if (!isTxNo(txNo)) throw invalid('a tx_no is 1 to 64 of [A-Za-z0-9_.:-]');
      if (txNos.has(txNo)) throw invalid(`${txNo} is published twice in one transaction`);
      if (messages.length === MAX_STAGED)
        throw invalid(`a transaction publishes ${MAX_STAGED} messages at most`);
      const payload = Buffer.from(type.codec.write(message));
      if (payload.length > MAX_PAYLOAD_BYTES)
        throw invalid(`the message of ${txNo} has ${payload.length} bytes, and ${MAX_PAYLOAD_BYTES} at most`);
      if (bytes + payload.length > MAX_STAGED_BYTES)
        throw invalid(`the messages of a transaction have ${MAX_STAGED_BYTES} bytes together at most`);
      bytes += payload.length;
      txNos.add(txNo);
      messages.push({ txNo, type: type.type, payload, messageType: type, message });
    },
  };
}

function invalid(message: string): TxmsgError {
  return new TxmsgError('INVALID_ARGUMENT', message);
}
