import { once } from 'node:events';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  type BulkAnswerSchema,
  type BulkOrder,
  BulkOrderSchema,
  type SubmitOrdersRequest,
  type SubmitOrdersResponseSchema,
} from '@txmsg/contracts/order';
import { createWaiters, TxmsgError } from '@txmsg/core';
import { type CallContext, type RequestValidator, toStatus } from '@txmsg/grpc';
import { encodeSubmitted } from './encode-order.js';
import { createRefusalPace, type StreamPace } from './refusal-pace.js';
import type { Submitter } from './submitter.js';

type Response = MessageInitShape<typeof SubmitOrdersResponseSchema>;
/** The same for each order of a message. */
type Answer = Required<Pick<MessageInitShape<typeof BulkAnswerSchema>, 'txNo' | 'result'>>;

/**
 * Orders of one stream that may be under way when the next message is taken: enough for several groups. They, that message
 * and the 16 that grpc-js reads ahead bound the stream's memory.
 */
const MAX_UNDER_WAY = 2_000;
/** Orders in `more`, as the contract says. A message with more of them is decoded as one with blank ones, one too many. */
const MAX_MORE = 999;

const refusalPace = createRefusalPace();

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
  const pace = refusalPace.stream();
  let drained: Promise<unknown> | undefined;
  const write = (response: Response, orders: number) => {
    // A caller that does not read keeps its orders' room, or answers would pile up behind the first.
    if (stream.write(response, () => room.leave(orders)) || drained) return;
    drained = once(stream, 'drain', { signal }).then(() => {
      drained = undefined;
    });
    // Awaited below, where a lost caller ends the stream.
    drained.catch(() => {});
  };
  for await (const request of stream) {
    // A full queue is the stream's to wait for: flow control reaches the caller because nothing more is read.
    await submitter.hasRoom(signal);
    const turn = pace.turn();
    if (turn) await turn;
    const orders = 1 + request.more.length;
    room.enter(orders);
    void answerAll(request, signal, submitter, validator, pace).then((response) => write(response, orders));
    if (room.full) await room.hasRoom();
    if (drained) await drained;
  }
  await room.isEmpty();
  await drained;
}

/** Counts what is under way. */
interface Room {
  readonly full: boolean;
  enter(orders: number): void;
  leave(orders: number): void;
  /** Resolves when it isn't full. */
  hasRoom(): Promise<void>;
  /** Resolves when nothing is under way. */
  isEmpty(): Promise<void>;
}

/** Makes an empty room for one stream: only one waits at a time. */
function createRoom(size: number): Room {
  const waiter = createWaiters();
  let inside = 0;
  let awaited = -1;
  const untilAtMost = (count: number): Promise<void> => {
    if (inside <= count) return Promise.resolve();
    awaited = count;
    return waiter.wait();
  };
  return {
    get full() {
      return inside >= size;
    },
    enter: (orders) => {
      inside += orders;
    },
    leave(orders) {
      inside -= orders;
      if (inside > awaited) return;
      awaited = -1;
      waiter.wake();
    },
    hasRoom: () => untilAtMost(size - 1),
    isEmpty: () => untilAtMost(0),
  };
}

/** The answers to all orders of a message, when each has one. Never rejects. */
async function answerAll(
  { productId, payCount, txNo, more }: SubmitOrdersRequest,
  signal: AbortSignal,
  submitter: Submitter,
  validator: RequestValidator,
  pace: StreamPace,
): Promise<Response> {
  if (more.length > MAX_MORE) return tooMany(txNo, pace);
  const first = { $typeName: BulkOrderSchema.typeName, productId, payCount, txNo } as const;
  const answers = [answer(first, signal, submitter, validator, pace)];
  for (const order of more) {
    await submitter.hasRoom(signal);
    const turn = pace.turn();
    if (turn) await turn;
    answers.push(answer(order, signal, submitter, validator, pace));
  }
  const [toFirst, ...toMore] = await Promise.all(answers);
  return { ...toFirst, more: toMore };
}

function tooMany(txNo: string, pace: StreamPace): Response {
  pace.refused();
  const description = `must contain no more than ${MAX_MORE} items`;
  const error = new TxmsgError('INVALID_ARGUMENT', `more: ${description}`, {
    fieldViolations: [{ field: 'more', description }],
  });
  return { txNo, result: { case: 'error', value: toStatus(error) } };
}

/** Never rejects: an order's error is its answer. */
async function answer(
  order: BulkOrder,
  signal: AbortSignal,
  submitter: Submitter,
  validator: RequestValidator,
  pace: StreamPace,
): Promise<Answer> {
  const { txNo } = order;
  try {
    validator.check(BulkOrderSchema, order);
    const accepted = await submitPatiently(order, signal, submitter);
    return { txNo, result: { case: 'order', value: encodeSubmitted(accepted) } };
  } catch (error) {
    // One that exists has waited for its group, as one that is accepted does.
    if (!(error instanceof TxmsgError && error.code === 'ALREADY_EXISTS')) pace.refused();
    return { txNo, result: { case: 'error', value: toStatus(error) } };
  }
}

async function submitPatiently(request: BulkOrder, signal: AbortSignal, submitter: Submitter) {
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
