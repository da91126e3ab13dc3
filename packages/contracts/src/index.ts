/** The services of txmsg by name; messages and enums come from the subpaths `./order`, `./stock` and so on. */
export { TransactionConsumer } from './gen/txmsg/consumer/v1/consumer_pb.js';
export { OrderService } from './gen/txmsg/order/v1/order_pb.js';
export { TransactionLedger } from './gen/txmsg/participant/v1/ledger_pb.js';
export { TransactionParticipant } from './gen/txmsg/participant/v1/participant_pb.js';
export { RelayAdminService } from './gen/txmsg/relay/v1/relay_admin_pb.js';
export { RelayService } from './gen/txmsg/relay/v1/relay_pb.js';
export { StockAdminService } from './gen/txmsg/stock/v1/stock_admin_pb.js';
export { StockService } from './gen/txmsg/stock/v1/stock_pb.js';
