import { once } from 'node:events';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  type SubmitOrdersRequest,
  SubmitOrdersRequestSchema,
  type SubmitOrdersResponseSchema,
} from '@txmsg/contracts/order';
import { type CallContext, type RequestValidator, TxmsgError, toStatus } from '@txmsg/service';
import type { Submitter } from '../submit/submitter.js';
import { encodeSubmitted } from './encode-order.js';

type Response = MessageInitShape<typeof SubmitOrdersResponseSchema>;

/** Orders of one stream that may be under way: enough for several groups, and the bound of the stream's memory. */
const MAX_UNDER_WAY = 2_000;

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
  const room = createRoom(MAX_UNDER_WAY);
  let drained: Promise<unknown> | undefined;
  const write = (response: Response) => {
    room.leave();
    if (stream.write(response) || drained) return;
    drained = once(stream, 'drain', { signal }).then(() => {
      drained = undefined;
    });
    // Awaited below, where a lost caller ends the stream.
    drained.catch(() => {});
  };
  for await (const request of stream) {
    // A full queue is the stream's to wait for: flow control reaches the caller because nothing more is read.
    await submitter.hasRoom(signal);
    room.enter();
    void answer(request, signal, submitter, validator).then(write);
    if (room.full) await room.hasRoom();
    if (drained) await drained;
  }
  await room.isEmpty();
  await drained;
}

/** Counts what is under way. */
interface Room {
  readonly full: boolean;
  enter(): void;
  leave(): void;
  /** Resolves when it isn't full. */
  hasRoom(): Promise<void>;
  /** Resolves when nothing is under way. */
  isEmpty(): Promise<void>;
}

/** Makes an empty room for one stream: only one waits at a time. */
function createRoom(size: number): Room {
  let inside = 0;
  let waiter: { readonly until: number; readonly resolve: () => void } | undefined;
  const untilAtMost = (until: number): Promise<void> =>
    inside <= until
      ? Promise.resolve()
      : new Promise((resolve) => {
          waiter = { until, resolve };
        });
  return {
    get full() {
      return inside >= size;
    },
    enter: () => {
      inside += 1;
    },
    leave() {
      inside -= 1;
      if (!waiter || inside > waiter.until) return;
      waiter.resolve();
      waiter = undefined;
    },
    hasRoom: () => untilAtMost(size - 1),
    isEmpty: () => untilAtMost(0),
  };
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
      await submitter.hasRoom(signal);
    }
  }
}
