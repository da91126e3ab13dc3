export * from './broker-error.js';
export {
  BODY_BYTES_MAX,
  KEY_BYTES_MAX,
  OPENED_BYTES_MAX,
  PROPERTY_BYTES_MAX,
  PROPERTY_COUNT_MAX,
} from './limits.js';
export { createPublisher } from './publisher.js';
export { isGroupNotFound } from './status.js';
export { createSubscriber } from './subscriber.js';
export { createTransactionPublisher } from './transaction-publisher.js';
export type * from './types.js';
