import type { DecodedDelivery } from './delivery.js';
import { decodeDeliveries, type Handled, type HandlerParts, handleDecoded } from './handle-deliveries.js';
import type { InFlight } from './in-flight.js';
import type { ReceiveLoopParts } from './receive-loop.js';

/** What becomes of a delivery in a receive loop: it is handled there, or beside it. */
export type LoopResult = Handled | { readonly done: false; readonly takenOver: true };

/**
 * Makes the handler of a receive loop. Messages whose transactions go in groups are handled together; those with others
 * go on beside the loop, so that a handler which takes long delays its own message only.
 */
export function createLoopHandler(
  parts: HandlerParts,
  inFlight: Pick<InFlight, 'add'>,
): ReceiveLoopParts<LoopResult>['handle'] {
  const { applyEach } = parts;
  const goesBeside = ({ decoded }: DecodedDelivery) =>
    applyEach !== undefined && decoded.transactions.some(({ type }) => applyEach.has(type));
  return async (deliveries, messages) => {
    const all = await decodeDeliveries(parts, deliveries);
    const grouped = applyEach === undefined ? all : all.filter((one) => !goesBeside(one));
    const handled = grouped.length > 0 ? await handleDecoded(parts, grouped) : [];
    if (grouped.length === all.length) return handled;
    let next = 0;
    return all.map((one, index): LoopResult => {
      const message = messages[index];
      if (message === undefined || !goesBeside(one)) return handled[next++] as Handled;
      inFlight.add(message, one);
      return { done: false, takenOver: true };
    });
  };
}
