import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { TransactionConsumer } from '@txmsg/contracts';
import type { QuietLog } from '@txmsg/core';
import type { ServiceHandlers } from '@txmsg/grpc';
import { createDeadLetterHandlers, type DeadLetterParts } from './dead-letter-handlers.js';
import { readPage } from './page-token.js';
import { createStatusHandler, type StatusParts } from './status-handler.js';
import { createWatermarkHandlers } from './watermark-handlers.js';

/** What the contract of a consumer works with. */
export interface ConsumerServiceParts extends DeadLetterParts, StatusParts {
  /** Tells of a watermark that is reported below the floor. */
  readonly belowFloor: QuietLog;
}

/** The handlers of the consumer's contract, for relays and operators. */
export function createConsumerHandlers(
  parts: ConsumerServiceParts,
): ServiceHandlers<typeof TransactionConsumer> {
  const { database, store } = parts;
  return {
    ...createWatermarkHandlers(database, store, parts.belowFloor),
    ...createDeadLetterHandlers(parts),
    ...createStatusHandler(parts),
    async listAdminActions(request) {
      const { rows, nextPageToken } = await readPage(
        request,
        (after, limit) => database.read((connection) => store.adminActions.list(connection, after, limit)),
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
