import { setTimeout as sleep } from 'node:timers/promises';
import { createMysqlFaultProxy, type MysqlFaultHandle, type MysqlFaultProxy } from '@txmsg/stack/testing';
import type { DatabaseName } from '@txmsg/testbed';
import { startBackground } from '../../background.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';
import { linksOf } from './link-faults.js';

/** Error numbers of proxies that lose their server, and of servers that are stopped or whose session is killed. */
const ERRORS = [2006, 2013, 9001, 1105, 1053, 1317, 1927];
const CLOSED_SHARE = 0.3;

/**
 * Answers COMMITs on a connection to a database with error packets, one after the other. The server has run some of
 * these COMMITs and has never seen the others. Amount: milliseconds between two.
 */
export async function failCommits(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const name = fault.target.replace(/^.*→/, '') as DatabaseName;
  const server = `127.0.0.1:${context.system.databases.get(name)?.port}`;
  const proxy = await createMysqlFaultProxy({ target: server });
  const links = linksOf(context, [fault.target]);
  const reconnect = (target: string) => {
    for (const link of links) {
      link.setTarget(target);
      link.cut();
      link.restore();
    }
  };
  reconnect(proxy.address);
  const met: MysqlFaultHandle[] = [];
  const errors = startBackground((signal) => keepFailing(context, proxy, fault.amount, met, signal));
  return {
    undo: async () => {
      await errors.stop();
      reconnect(server);
      await proxy.close();
    },
    detail: () => `${met.reduce((sum, { hits }) => sum + hits, 0)} errors at COMMIT`,
  };
}

async function keepFailing(
  { random }: ChaosContext,
  proxy: MysqlFaultProxy,
  pauseMs: number,
  met: MysqlFaultHandle[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const when = random.chance(0.5) ? 'AFTER' : 'INSTEAD';
    const thenClose = random.chance(CLOSED_SHARE);
    const statement = /^COMMIT$/i;
    met.push(proxy.fail({ statement, errno: random.pick(ERRORS), when, thenClose, times: 1 }));
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}
