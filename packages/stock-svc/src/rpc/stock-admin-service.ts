import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { StockAdminService } from '@txmsg/contracts';
import type { QuietLog } from '@txmsg/core';
import type { ServiceHandlers } from '@txmsg/grpc';
import { listAdminActions } from '../store/list-admin-actions.js';
import { createDeadLetterHandlers, type DeadLetterParts } from './dead-letter-handlers.js';
import { readPage } from './page-token.js';
import { createStatusHandler, type StatusParts } from './status-handler.js';
import { createWatermarkHandlers } from './watermark-handlers.js';

/** What the internal API works with. */
export interface StockAdminParts extends DeadLetterParts, StatusParts {
  /** Tells of a watermark that is reported below the floor. */
  readonly belowFloor: QuietLog;
}

/** The handlers of the internal API. */
export function createStockAdminHandlers(parts: StockAdminParts): ServiceHandlers<typeof StockAdminService> {
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
