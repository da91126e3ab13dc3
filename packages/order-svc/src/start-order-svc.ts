import { OrderService } from '@txmsg/contracts';
import { createRequestValidator, serviceEntry } from '@txmsg/grpc';
import { createDatabaseClock, type Database, type DatabaseMonitor, watchDatabase } from '@txmsg/mysql';
import { connectRelays } from '@txmsg/outbox';
import { openServers, type ServerContent, type Servers, type ServiceScope } from '@txmsg/service';
import type { OrderConfig } from './config.js';
import { createOrderOutbox, type OrderOutbox } from './order-outbox.js';
import { orderCodecs } from './rpc/order-codecs.js';
import { createOrderService } from './rpc/order-service.js';
import { orderProbes } from './store/order-group.js';
import { orders, outbox as tables } from './store/schema.js';

/** For callers: three times a message of a bulk stream with as many orders as it may have. */
const MAX_PUBLIC_REQUEST_BYTES = 256 * 1024;

/** A running order service; it stops with its scope. */
export interface OrderSvc {
  readonly grpcPort: number;
  readonly internalPort: number;
}

/**
 * Starts the order service: it serves as soon as its ports are open, whatever the state of its database and of the relays.
 *
 * @throws UnfitServerError when the database is there and can't be used as it is
 */
export async function startOrderSvc(config: OrderConfig, scope: ServiceScope): Promise<OrderSvc> {
  const { signal, onStop } = scope;
  const parts = openParts(config, scope);
  const { monitor, outbox } = parts;
  await parts.look();
  const running = Promise.all([monitor.run(signal), outbox.run(signal)]);
  onStop('loops', async () => void (await running));
  onStop('outbox', () => outbox.drain());
  signal.addEventListener('abort', () => outbox.stop(), { once: true });
  parts.servers = await openServers(config, contentOf(parts), scope);
  const { grpcPort, internalPort } = parts.servers;
  return { grpcPort, internalPort };
}

/** What the servers and loops of this process share. */
interface Parts extends OrderOutbox {
  readonly database: Database;
  readonly monitor: DatabaseMonitor;
  /** Looks whether the database can be used, and how late its clock is. */
  look(): Promise<void>;
  /** As soon as they are open; their health follows the database's. */
  servers?: Servers;
}

function openParts(config: OrderConfig, scope: ServiceScope): Parts {
  const { logger, onStop } = scope;
  const { database, monitor, look } = watchDatabase(config, {
    name: 'order',
    logger,
    ...orderProbes,
    tables: [orders, tables.log, tables.marker],
    optionalColumns: tables.optionalColumns,
    async onReady() {
      await clock.sync();
      await parts.outbox.onPing();
    },
    onChange(available, error) {
      parts.servers?.setServing(available);
      if (!available) parts.outbox.onDatabaseGone(error);
    },
  });
  onStop('database', () => database.close());
  const clock = createDatabaseClock(database);
  const relay = connectRelays(config, scope);
  const made = createOrderOutbox(config, { database, clock, monitor, relay, logger });
  const parts: Parts = { database, monitor, look, ...made };
  return parts;
}

/** What the public port serves, and what the internal one. */
function contentOf({ database, monitor, outbox, path }: Parts): ServerContent {
  const validator = createRequestValidator();
  const orderService = createOrderService({ database, path, validator, guard: outbox.guard });
  return {
    open: [serviceEntry(OrderService, orderService, orderCodecs)],
    internal: outbox.entries,
    maxRequestBytes: MAX_PUBLIC_REQUEST_BYTES,
    isServing: () => monitor.available,
  };
}
