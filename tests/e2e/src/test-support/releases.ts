import { mixReleases, type ReleaseMix, type System, startSystem } from '@txmsg/testbed';
import { sharedServers } from './shared-servers.js';

/** Starts a system of two releases, in which the outbox, the fence, retention and watermarks come soon. */
export async function startMixed(mix: ReleaseMix): Promise<System> {
  return startSystem({
    ...sharedServers(),
    ...(await mixReleases(mix)),
    env: {
      TXMSG_ORDER_FIRST_RELAY_DELAY: '1s',
      TXMSG_ORDER_MAX_RELAY_DELAY: '5s',
      TXMSG_ORDER_FENCE_TIME: '3s',
      TXMSG_RELAY_OUTBOX_IDLE_POLL: '500ms',
      TXMSG_STOCK_RETENTION_INTERVAL: '200ms',
      TXMSG_RELAY_WATERMARK_INTERVAL: '200ms',
    },
  });
}

/** The stock side forgets what was created before; 0 while nobody has told it a watermark. */
export async function floorMs(system: System): Promise<number> {
  const { floorTime } = await system.stockAdminClient().listWatermarks({});
  return Number(floorTime?.seconds ?? 0n) * 1_000 + (floorTime?.nanos ?? 0) / 1e6;
}
