import { once } from 'node:events';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  type SubmitOrdersRequest,
  SubmitOrdersRequestSchema,
  type SubmitOrdersResponseSchema,
} from '@txmsg/contracts/order';
import { type CallContext, type RequestValidator, sleep, TxmsgError, toStatus } from '@txmsg/service';
import type { Submitter } from '../submit/submitter.js';
import { encodeSubmitted } from './encode-order.js';

type Response = MessageInitShape<typeof SubmitOrdersResponseSchema>;

/** Orders of one stream that may be under way: enough for several groups, and the bound of the stream's memory. */
const MAX_UNDER_WAY = 2_000;
/** A full queue is the stream's to wait for: flow control reaches the caller because nothing more is read. */
const FULL_QUEUE_WAIT_MS = 20;

/**
 * The bulk stream: reads while there is room, answers as orders are committed, and ends when all that was read is
 * answered. A slow reader stops the reading, since an order holds its room until its answer is written.
 */
export async function submitOrders(
  stream: ServerDuplexStream<SubmitOrdersRequest, Response>,
  { signal }: CallContext,
  submitter: Submitter,
  validator: RequestValidator,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let writable = Promise.resolve();
  const write = (response: Response) => {
    if (stream.write(response)) return;
    writable = once(stream, 'drain', { signal }).then(() => undefined);
    // Awaited below, where a lost caller ends the stream.
    writable.catch(() => {});
  };
  for await (const request of stream) {
    const answered = answer(request, signal, submitter, validator).then(write);
    underWay.add(answered);
    void answered.finally(() => underWay.delete(answered));
    while (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
    await writable;
  }
  while (underWay.size > 0) await Promise.all(underWay);
  await writable;
}

/** Never rejects: an order's error is its answer. */
async function answer(
  request: SubmitOrdersRequest,
  signal: AbortSignal,
  submitter: Submitter,
  validator: RequestValidator,
): Promise<Response> {
  const { txNo } = request;
  try {
    validator.check(SubmitOrdersRequestSchema, request);
    const order = await submitPatiently(request, signal, submitter);
    return { txNo, result: { case: 'order', value: encodeSubmitted(order) } };
  } catch (error) {
    return { txNo, result: { case: 'error', value: toStatus(error) } };
  }
}

async function submitPatiently(request: SubmitOrdersRequest, signal: AbortSignal, submitter: Submitter) {
  for (;;) {
    try {
      return await submitter.submit(request);
    } catch (error) {
      const full = error instanceof TxmsgError && error.code === 'RESOURCE_EXHAUSTED';
      if (!full || signal.aborted) throw error;
      await sleep(FULL_QUEUE_WAIT_MS * (0.5 + Math.random()), signal);
    }
  }
}
