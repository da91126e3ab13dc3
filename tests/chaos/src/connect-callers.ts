import { OrderService, StockService } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/grpc';
import type { System } from '@txmsg/testbed';
import type { Closers } from './background.js';
import type { HistoryEvent } from './history/history-event.js';
import { createOrderCaller, type OrderCaller } from './workload/order-caller.js';
import { type Addition, addStock } from './workload/stock-caller.js';

/** How callers reach the services: through links of their own, named `client→…`, that faults can break. */
export interface Callers {
  /** One per replica. */
  readonly orders: readonly OrderCaller[];
  /** True when a replica said OK. */
  readonly addStock: (addition: Addition, firstReplica: number) => Promise<boolean>;
}

/** Connects to every replica. */
export async function connectCallers(
  { network, orders, stocks }: System,
  write: (event: HistoryEvent) => void,
  closers: Closers,
): Promise<Callers> {
  const reach = (service: { readonly name: string; readonly address: string }) =>
    network.address('client', service.name, service.address);
  const orderClients = await Promise.all(
    orders.map(async (service) => createGrpcClient(OrderService, await reach(service))),
  );
  const stockClients = await Promise.all(
    stocks.map(async (service) => createGrpcClient(StockService, await reach(service))),
  );
  for (const client of [...orderClients, ...stockClients]) closers.add(() => client.close());
  return {
    orders: orderClients.map((client, replica) => createOrderCaller(client, replica, write)),
    addStock: (addition, firstReplica) => addStock(stockClients, firstReplica, addition, write),
  };
}
