import { performance } from 'node:perf_hooks';
import type { OrderService } from '@txmsg/contracts';
import { type BulkAnswer, OrderStatus, type SubmitOrdersResponse } from '@txmsg/contracts/order';
import type { GrpcClient } from '@txmsg/grpc';
import type { HistoryEvent, OrderState, SubmitEvent } from '../history/history-event.js';
import { codeName, readFailure } from './grpc-failure.js';
import type { PlannedOrder } from './plan-operations.js';

/** How a request ended. */
export interface CallResult {
  readonly code: string;
  readonly message: string;
  readonly latencyMs: number;
}

/** Calls one replica of the order service and writes each call down with its answer. Never rejects. */
export interface OrderCaller {
  submit(order: PlannedOrder, wait: boolean): Promise<CallResult>;
  /** One result per order, in their order. Each tx_no appears once. */
  submitBulk(orders: readonly PlannedOrder[]): Promise<readonly CallResult[]>;
  read(txNo: string): Promise<void>;
}

const UNARY_TIMEOUT_MS = 4_000;
const WAIT_TIMEOUT_MS = 8_000;
const BULK_TIMEOUT_MS = 10_000;

/** Creates a caller. The caller's owner closes the client. */
export function createOrderCaller(
  client: GrpcClient<typeof OrderService>,
  replica: number,
  write: (event: HistoryEvent) => void,
): OrderCaller {
  return {
    async submit({ txNo, productId, payCount }, wait) {
      const call = startCall();
      const about = {
        type: 'submit',
        via: wait ? 'wait' : 'unary',
        replica,
        txNo,
        productId,
        payCount,
      } as const;
      const request = { txNo, productId: BigInt(productId), payCount, waitForOutcome: wait };
      try {
        const answer = await client.submitOrder(request, {
          timeoutMs: wait ? WAIT_TIMEOUT_MS : UNARY_TIMEOUT_MS,
        });
        write({ ...about, ...call.times(), code: 'OK', answer: readAnswer(answer) });
        return call.result('OK');
      } catch (error) {
        const { code, message } = readFailure(error);
        write({ ...about, ...call.times(), code, message });
        return call.result(code, message);
      }
    },
    submitBulk: (orders) => submitBulk(client, replica, orders, write),
    async read(txNo) {
      const call = startCall();
      const about = { type: 'read', replica, txNo } as const;
      try {
        const { order } = await client.getOrder(
          { key: { case: 'txNo', value: txNo } },
          { timeoutMs: UNARY_TIMEOUT_MS },
        );
        const content = { productId: Number(order?.productId), payCount: order?.payCount ?? 0 };
        const answer = { ...content, orderNo: order?.orderNo ?? '', status: stateName(order?.status) };
        write({ ...about, ...call.times(), code: 'OK', answer });
      } catch (error) {
        write({ ...about, ...call.times(), code: readFailure(error).code });
      }
    },
  };
}

/**
 * Sends the first order alone and the others in one message, half-closes at once and takes answers until the stream
 * ends. An order without an answer fails with the stream.
 */
async function submitBulk(
  client: GrpcClient<typeof OrderService>,
  replica: number,
  orders: readonly PlannedOrder[],
  write: (event: HistoryEvent) => void,
): Promise<CallResult[]> {
  const call = startCall();
  const results = new Map<string, CallResult>();
  const open = new Map(orders.map((order) => [order.txNo, order]));
  const settle = (order: PlannedOrder, rest: Pick<SubmitEvent, 'code' | 'answer' | 'message'>) => {
    open.delete(order.txNo);
    results.set(order.txNo, call.result(rest.code, rest.message));
    write({ type: 'submit', via: 'bulk', replica, ...order, ...call.times(), ...rest });
  };
  const stream = client.submitOrders({ timeoutMs: BULK_TIMEOUT_MS });
  const [alone, first, ...more] = orders.map((order) => ({ ...order, productId: BigInt(order.productId) }));
  if (alone) stream.write(alone);
  if (first) stream.write({ ...first, more });
  stream.end();
  let end = { code: 'NO_ANSWER', message: 'the stream ended without an answer to this order' };
  try {
    for await (const response of stream as AsyncIterable<SubmitOrdersResponse>) {
      for (const answer of [response, ...response.more]) {
        const order = open.get(answer.txNo);
        if (order) settle(order, readBulkAnswer(answer));
      }
    }
  } catch (error) {
    end = readFailure(error);
  }
  for (const order of open.values()) settle(order, end);
  return orders.map(({ txNo }) => results.get(txNo) ?? call.result(end.code, end.message));
}

function readBulkAnswer({
  result,
}: Pick<BulkAnswer, 'result'>): Pick<SubmitEvent, 'code' | 'answer' | 'message'> {
  if (result.case === 'order') return { code: 'OK', answer: readAnswer(result.value) };
  const { code = 2, message = 'the response holds neither an order nor an error' } = result.value ?? {};
  return { code: codeName(code), message };
}

function readAnswer(answer: { txNo: string; orderNo: string; status: OrderStatus }) {
  return { txNo: answer.txNo, orderNo: answer.orderNo, status: stateName(answer.status) };
}

function stateName(status: OrderStatus | undefined): OrderState {
  if (status === OrderStatus.CONFIRMED) return 'CONFIRMED';
  return status === OrderStatus.REJECTED ? 'REJECTED' : 'PENDING';
}

function startCall() {
  const startMs = Date.now();
  const started = performance.now();
  return {
    times: () => ({ startMs, endMs: Date.now() }),
    result: (code: string, message = ''): CallResult => ({
      code,
      message,
      latencyMs: performance.now() - started,
    }),
  };
}
