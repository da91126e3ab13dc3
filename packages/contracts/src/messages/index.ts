export { type BodyFault, describeFaults } from './body-fault.js';
export { type BodyDecoder, createBodyDecoder } from './decode-body.js';
export { type CodecOptions, defineMessage, type SchemaOptions } from './define-message.js';
export type {
  BookEntry,
  DecodedBody,
  DecodedTransaction,
  MessageCodec,
  MessageType,
  TransactionMessage,
} from './message-type.js';
export { takeStock, takeStockCodec } from './take-stock.js';
export { TAKE_STOCK, type TakeStock } from './take-stock-rules.js';
