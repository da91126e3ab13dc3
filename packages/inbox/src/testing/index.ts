export type { Delivery } from '../consume/delivery.js';
export { delivery, single, txMessage } from './deliveries.js';
export {
  createTestHandlers,
  createTestInbox,
  eachRegistration,
  groupRegistration,
  type TestHandlers,
  type TestInbox,
} from './test-inbox.js';
