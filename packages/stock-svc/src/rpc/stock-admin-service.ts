import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { StockAdminService } from '@txmsg/contracts';
import type { ServiceHandlers } from '@txmsg/service';
import { listAdminActions } from '../store/list-admin-actions.js';
import { createDeadLetterHandlers, type DeadLetterParts } from './dead-letter-handlers.js';
import { readPage } from './page-token.js';
import { createWatermarkHandlers } from './watermark-handlers.js';

/** The handlers of the internal API. */
export function createStockAdminHandlers(parts: DeadLetterParts): ServiceHandlers<typeof StockAdminService> {
  const { database } = parts;
  return {
    ...createWatermarkHandlers(database),
    ...createDeadLetterHandlers(parts),
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
