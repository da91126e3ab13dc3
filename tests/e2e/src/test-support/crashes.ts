import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '@txmsg/testbed';
import { v7 as uuidv7 } from 'uuid';
import { submit } from './flow.js';

type Service = System['orders'][number];

/** The first replica of a service. */
export function only(replicas: readonly Service[]): Service {
  const [service] = replicas;
  if (!service) throw new RangeError('there is no such service');
  return service;
}

/** Starts a service that must die at a failpoint, perhaps before it serves. */
export async function startDoomed(service: Service, failpoint: string): Promise<void> {
  await service.stop();
  const starting = service.start({ TXMSG_FAILPOINTS: failpoint });
  await starting.catch((fault: unknown) => {
    if (service.running) throw fault;
  });
}

/** Repeats `act` until the service has died. Throws when it is still alive after a minute. */
export async function untilDead(
  service: Service,
  act: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (service.running) {
    if (performance.now() > deadline) throw new Error(`${service.name} did not come to its failpoint`);
    await act();
    await sleep(100);
  }
}

/** Submits this many orders at once; some answers may be lost. Returns all txNos, and the answered ones. */
export async function submitInto(
  system: System,
  productId: bigint,
  count: number,
  replica = 0,
): Promise<{ txNos: string[]; answered: string[] }> {
  const txNos = Array.from({ length: count }, () => uuidv7());
  const answers = await Promise.allSettled(txNos.map((txNo) => submit(system, { productId, txNo }, replica)));
  const answered = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  return { txNos, answered };
}
