import { outboxContradictions, outboxSettings } from '@txmsg/outbox';
import { type Config, commonSettings, databaseSettings, serverSettings } from '@txmsg/service';

const PREFIX = 'TXMSG_ORDER';

/** The settings of the order service. */
export const orderSettings = {
  ...databaseSettings(PREFIX, {
    name: 'order',
    url: 'mysql://txmsg:txmsg@127.0.0.1:3306/tx-msg-orders',
    timeout: '3s',
    timeoutMs: [100, 60_000],
  }),
  ...serverSettings(PREFIX, {
    open: 'the public API',
    grpcPort: '9090',
    internal: 'the participant contract',
    internalPort: '9091',
    grace: '10s',
  }),
  ...outboxSettings(PREFIX, 'order-svc'),
  ...commonSettings,
};

/** The order service's configuration. */
export type OrderConfig = Config<typeof orderSettings>;

/** What is wrong between settings that are right by themselves. */
export function orderContradictions(config: OrderConfig): string[] {
  return outboxContradictions(PREFIX, config);
}
