import { inboxContradictions, inboxSettings } from '@txmsg/inbox';
import { type Config, commonSettings, databaseSettings, serverSettings } from '@txmsg/service';

const PREFIX = 'TXMSG_STOCK';

/** The settings of the stock service. */
export const stockSettings = {
  ...databaseSettings(PREFIX, {
    name: 'stock',
    url: 'mysql://txmsg:txmsg@127.0.0.1:3306/tx-msg-stock',
    timeout: '5s',
    // A wait for a lock, a second at least, must end before it.
    timeoutMs: [2_000, 20_000],
  }),
  ...serverSettings(PREFIX, {
    open: 'StockService',
    grpcPort: '6060',
    internal: 'StockAdminService',
    internalPort: '6061',
    grace: '15s',
  }),
  ...inboxSettings(PREFIX, 'stock-svc'),
  ...commonSettings,
};

/** The values of the settings. */
export type StockConfig = Config<typeof stockSettings>;

/** What is wrong between settings that are right by themselves. */
export function stockContradictions(config: StockConfig): string[] {
  return inboxContradictions(PREFIX, config);
}
