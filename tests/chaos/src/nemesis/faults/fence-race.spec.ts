import { create, toBinary } from '@bufbuild/protobuf';
import { PrepareTransactionRequestSchema } from '@txmsg/contracts/relay';
import { v7 as uuidv7 } from 'uuid';
import { expect, it } from 'vitest';
import { findTransactionIds } from './fence-race.js';

it('finds the transaction_id of a request as it goes over the wire, and no tx_no', () => {
  const transactionId = uuidv7();
  const request = create(PrepareTransactionRequestSchema, {
    participant: 'order-svc',
    transactionId,
    topic: 'topic_txmsg',
    body: Buffer.from(JSON.stringify({ txMessage: { txNo: uuidv7() } })),
    txNos: [uuidv7()],
  });
  const wire = Buffer.concat([
    Buffer.from([0, 0, 0, 1, 2]),
    toBinary(PrepareTransactionRequestSchema, request),
  ]);
  expect(findTransactionIds(wire)).toEqual([transactionId]);
  expect(findTransactionIds(Buffer.concat([wire, wire]))).toEqual([transactionId, transactionId]);
  expect(findTransactionIds(Buffer.from('nothing'))).toEqual([]);
});
