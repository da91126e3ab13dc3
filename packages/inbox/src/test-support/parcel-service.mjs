// A consumer as a process of its own, which a crash point may end: node parcel-service.mjs DATABASE_URL ENDPOINTS [FAILPOINT]
import { LedgerTotalSchema } from '@txmsg/contracts/ledger';
import { defineMessage } from '@txmsg/contracts/messages';
import { armFailpoints } from '@txmsg/core';
import { createInbox } from '@txmsg/inbox';
import { createDatabase } from '@txmsg/mysql';

const [url, endpoints, point] = process.argv.slice(2);
const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
if (point) armFailpoints([{ name: point, nth: 2, act: () => process.exit(70) }]);

const ShipParcel = defineMessage({ type: 'ShipParcel', topic: 'topic_parcels', schema: LedgerTotalSchema });
const database = createDatabase({ url, lockWaitSeconds: 1 });
const inbox = createInbox({
  database,
  consumer: 'parcel-svc',
  endpoints,
  resultTopic: 'topic_parcel_results',
  consumerGroup: 'parcel-svc',
  logger,
  limits: { invisibleMs: 10_000, drainDeadLetters: false },
});
inbox.each(ShipParcel, {}, async ({ connection }, { txNo, message }) => {
  await connection.query('INSERT INTO parcel (tx_no, address) VALUES (?, ?)', [txNo, message.account]);
});
const scope = { signal: new AbortController().signal, onStop: quiet };
await inbox.start(scope, quiet).resume();
