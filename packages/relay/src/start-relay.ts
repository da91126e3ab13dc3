import { createSubscriber } from '@txmsg/rocketmq';
import type { ServiceScope } from '@txmsg/service';
import { type RelayConfig, servicesOf } from './config.js';
import { type Counters, createCounters } from './counters.js';
import { openServer } from './rpc/server.js';
import { createServed } from './served.js';
import { readServicesFile, watchServicesFile } from './services/services-file.js';
import { runSettlement } from './settlement/settlement.js';

/** A running relay; it stops with its scope. */
export interface Relay {
  readonly port: number;
  readonly counters: Counters;
}

/**
 * Starts a relay. It serves as soon as its port is open, whatever the state of the broker and of the participants. It
 * stops in reverse: no new calls, then the loops finish what they hold, then the clients of broker and participants
 * close.
 *
 * @throws ServicesError, or what reading fails with, when the file of services is missing or wrong
 */
export async function startRelay(config: RelayConfig, scope: ServiceScope): Promise<Relay> {
  const { logger, onStop, signal } = scope;
  const { servicesFile, resultTopic } = config;
  const file = servicesFile === '' ? undefined : { path: servicesFile, resultTopic, logger };
  const services = file ? await readServicesFile(file) : servicesOf(config);

  const counters = createCounters();
  onStop('counters', () => logger.info(counters.snapshot(), 'counters'));
  const subscriber = createSubscriber({
    endpoints: config.rocketmqEndpoints.join(';'),
    topic: resultTopic,
    group: config.resultGroup,
    logger,
  });
  const served = createServed({ config, counters, logger, subscriber, signal });
  onStop('clients', () => served.closeClients());
  onStop('publishers', () => served.closePublishers());
  onStop('subscriber', () => subscriber.close());
  served.update(services);

  const { participants, watermarks } = served;
  const { settleConcurrency: concurrency, invisibleMs } = config;
  const running = [
    watermarks.run(signal),
    runSettlement({ subscriber, participants, concurrency, invisibleMs, counters, logger }, signal),
  ];
  if (file) running.push(watchServicesFile(file, services, served.update, signal));
  onStop('loops', async () => {
    await Promise.all(running);
    await served.stopped();
  });

  const server = await openServer({ config, counters, logger, served });
  onStop('server', () => server.close(config.graceMs));
  return { port: server.port, counters };
}
