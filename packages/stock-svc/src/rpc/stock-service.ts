import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { StockService } from '@txmsg/contracts';
import { Outcome } from '@txmsg/contracts/message';
import { TxmsgError } from '@txmsg/core';
import type { ServiceHandlers } from '@txmsg/grpc';
import { type DatabaseCalls, readPage } from '@txmsg/inbox';
import { addStock, findStock, listStock } from '../store/stock.js';
import { findStockTransaction } from '../store/stock-transactions.js';

/** The handlers of the public API. */
export function createStockHandlers(database: DatabaseCalls): ServiceHandlers<typeof StockService> {
  return {
    async getStock({ productId }) {
      const stock = await database.read((connection) => findStock(connection, productId));
      if (!stock) throw new TxmsgError('NOT_FOUND', `product ${productId} does not exist`);
      return { stock };
    },
    async listStock(request) {
      const { rows, nextPageToken } = await readPage(
        request,
        (after, limit) => database.read((connection) => listStock(connection, after, limit)),
        ({ productId }) => productId,
      );
      return { stocks: [...rows], nextPageToken };
    },
    async addStock(addition) {
      const result = await database.change((tx) => addStock(tx, addition), `product/${addition.productId}`);
      if (result === 'conflict') {
        throw new TxmsgError('ALREADY_EXISTS', 'this request_id was used for another addition', {
          info: { reason: 'REQUEST_ID_REUSED', metadata: { request_id: addition.requestId } },
        });
      }
      if (result === 'overflow') {
        throw new TxmsgError('OUT_OF_RANGE', 'more pieces than can be held', {
          info: { reason: 'STOCK_OVERFLOW', metadata: { product_id: String(addition.productId) } },
        });
      }
      return { stock: result };
    },
    async getStockTransaction({ txNo }) {
      const record = await database.read((connection) => findStockTransaction(connection, txNo));
      if (!record) throw new TxmsgError('NOT_FOUND', 'no such transaction has come, or it was forgotten');
      const { createTime, outcome, participant, ...rest } = record;
      return {
        transaction: {
          ...rest,
          outcome: Outcome[outcome],
          participant: participant ?? '',
          createTime: timestampFromDate(createTime),
        },
      };
    },
  };
}
