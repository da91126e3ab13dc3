import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { StockAdminService, TransactionConsumer } from '@txmsg/contracts';
import type { QuietLog } from '@txmsg/core';
import { type ServiceEntry, type ServiceHandlers, serviceEntry } from '@txmsg/grpc';
import { listAdminActions } from '../store/list-admin-actions.js';
import { createDeadLetterHandlers, type DeadLetterParts } from './dead-letter-handlers.js';
import { readPage } from './page-token.js';
import { createStatusHandler, type StatusParts } from './status-handler.js';
import { createWatermarkHandlers } from './watermark-handlers.js';

/** What the internal API works with. */
export interface ConsumerParts extends DeadLetterParts, StatusParts {
  /** Tells of a watermark that is reported below the floor. */
  readonly belowFloor: QuietLog;
}

/** TransactionConsumer, and for one more release the StockAdminService of before with the same handlers. */
export function consumerEntries(parts: ConsumerParts): ServiceEntry[] {
  const handlers = createConsumerHandlers(parts);
  return [
    serviceEntry(TransactionConsumer, handlers),
    // Both services have the same methods and messages under other names; a test of the contracts compares them.
    serviceEntry(StockAdminService, handlers as unknown as ServiceHandlers<typeof StockAdminService>),
  ];
}

function createConsumerHandlers(parts: ConsumerParts): ServiceHandlers<typeof TransactionConsumer> {
  const { database } = parts;
  return {
    ...createWatermarkHandlers(database, parts.belowFloor),
    ...createDeadLetterHandlers(parts),
    ...createStatusHandler(parts),
    async listAdminActions(request) {
      const { rows, nextPageToken } = await readPage(
        request,
        (after, limit) => database.read((connection) => listAdminActions(connection, after, limit)),
        ({ id }) => id,
      );
      const actions = rows.map(({ id, createTime, ...rest }) => ({
        ...rest,
        adminActionId: id,
        createTime: timestampFromDate(createTime),
      }));
      return { actions, nextPageToken };
    },
  };
}
