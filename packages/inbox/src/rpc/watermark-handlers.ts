import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import type { TransactionConsumer } from '@txmsg/contracts';
import { type QuietLog, TxmsgError } from '@txmsg/core';
import type { ServiceHandlers } from '@txmsg/grpc';
import type { InboxStore } from '../store/inbox-store.js';
import type { DatabaseCalls } from './database-calls.js';

type WatermarkHandlers = Pick<
  ServiceHandlers<typeof TransactionConsumer>,
  'reportWatermark' | 'listWatermarks' | 'deleteWatermark'
>;

/** The handlers about retention; a report that comes too late for the floor is told to `belowFloor`. */
export function createWatermarkHandlers(
  database: DatabaseCalls,
  { watermarks, floor, adminActions }: InboxStore,
  belowFloor: QuietLog,
): WatermarkHandlers {
  return {
    async reportWatermark({ participant, oldestUnsettledTime }) {
      if (!oldestUnsettledTime) throw new TxmsgError('INVALID_ARGUMENT', 'oldest_unsettled_time is required');
      const oldestMs = timestampMs(oldestUnsettledTime);
      return database.read(async (connection) => {
        await watermarks.report(connection, participant, oldestMs);
        const floorMs = await floor.read(connection);
        if (oldestMs < floorMs) {
          const fields = { participant, oldestUnsettled: new Date(oldestMs), floor: new Date(floorMs) };
          belowFloor(
            { alarm: 'BELOW_FLOOR', ...fields },
            'what a participant has unsettled is forgotten here',
          );
        }
        return { floorTime: timestampFromMs(floorMs) };
      });
    },
    listWatermarks: () =>
      database.read(async (connection) => {
        const known = await watermarks.list(connection);
        return {
          watermarks: known.map(({ participant, oldestUnsettledMs, reportMs }) => ({
            participant,
            oldestUnsettledTime: timestampFromMs(oldestUnsettledMs),
            ...(reportMs === undefined ? {} : { reportTime: timestampFromMs(reportMs) }),
          })),
          floorTime: timestampFromMs(await floor.read(connection)),
        };
      }),
    async deleteWatermark({ participant, actor }) {
      const deleted = await database.change(async (tx) => {
        const found = await watermarks.delete(tx, participant);
        if (found) {
          await adminActions.insert(tx, {
            actor,
            action: 'DELETE_WATERMARK',
            target: participant,
            detail: '',
          });
        }
        return found;
      });
      if (!deleted) throw new TxmsgError('NOT_FOUND', `participant ${participant} is not known`);
      return {};
    },
  };
}
