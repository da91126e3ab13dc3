import type { PlannedOrder } from './plan-operations.js';

/** A request without a definitive answer so far. */
export interface OpenRequest {
  readonly order: PlannedOrder;
  readonly attempts: number;
  readonly code: string;
  readonly message: string;
}

/** Requests to repeat with the same tx_no, as callers are told to. */
export interface OpenRequests {
  readonly size: number;
  /** Notes an answer. A definitive one closes the request; any other one makes it due later. */
  note(order: PlannedOrder, answer: { readonly code: string; readonly message: string }): void;
  /** Takes due requests, up to `limit`. Each must be noted again. */
  take(limit: number, nowMs: number): OpenRequest[];
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3_000;
const DEFINITIVE = new Set(['OK', 'ALREADY_EXISTS']);

/** Creates an empty set. Times are `performance.now()`. */
export function createOpenRequests(now: () => number = () => performance.now()): OpenRequests {
  const waiting = new Map<string, OpenRequest & { readonly dueMs: number }>();
  const attemptsOf = new Map<string, number>();
  return {
    get size() {
      return attemptsOf.size;
    },
    note(order, { code, message }) {
      // Without a tx_no of its own a caller can't ask again.
      if (order.txNo === '') return;
      const key = `${order.txNo} ${order.productId} ${order.payCount}`;
      if (DEFINITIVE.has(code)) {
        attemptsOf.delete(key);
        waiting.delete(key);
        return;
      }
      const attempts = (attemptsOf.get(key) ?? 0) + 1;
      attemptsOf.set(key, attempts);
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 10));
      waiting.set(key, { order, attempts, code, message, dueMs: now() + pauseMs });
    },
    take(limit, nowMs) {
      const taken: OpenRequest[] = [];
      for (const [key, request] of waiting) {
        if (taken.length >= limit) break;
        if (request.dueMs > nowMs) continue;
        waiting.delete(key);
        taken.push(request);
      }
      return taken;
    },
  };
}
