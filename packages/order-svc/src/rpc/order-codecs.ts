import type { OrderService } from '@txmsg/contracts';
import type { ServiceCodecs } from '@txmsg/grpc';
import { decodeSubmitOrder, decodeSubmitOrders } from './decode-orders.js';
import { encodeBulkAnswers, encodeSubmitted } from './encode-submitted.js';

/** For the methods that every order comes by. */
export const orderCodecs: ServiceCodecs<typeof OrderService> = {
  submitOrder: { decodeRequest: decodeSubmitOrder, encodeResponse: encodeSubmitted },
  submitOrders: { decodeRequest: decodeSubmitOrders, encodeResponse: encodeBulkAnswers },
};
