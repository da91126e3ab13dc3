import type { TcpProxy } from '@txmsg/stack/testing';
import { faultResources } from '../fault-resources.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';

/** Breaks the fault's connections in the way of its kind. Forwarding again undoes it. */
export async function breakLinks(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const links = linksOf(context, faultResources(fault, context.topology));
  for (const link of links) breakLink(link, fault);
  return {
    undo: async () => {
      for (const link of links) {
        link.slow(0);
        link.restore();
      }
    },
  };
}

/** Consumers hear nothing while a burst of orders goes in. When it is undone, all of them are delivered at once. */
export async function delayBurst(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const injected = await breakLinks(context, fault);
  const burst = context.burst(fault.amount);
  return {
    undo: async () => {
      await injected.undo();
      await burst;
    },
    detail: () => `a burst of ${fault.amount} orders`,
  };
}

/** The proxies of these links. */
export function linksOf({ system }: ChaosContext, names: readonly string[]): TcpProxy[] {
  return names.map((name) => {
    const link = system.network.links.get(name);
    if (!link) throw new RangeError(`there is no link ${name}`);
    return link;
  });
}

function breakLink(link: TcpProxy, { kind, amount }: PlannedFault): void {
  if (kind === 'cut-link') link.cut();
  else if (kind === 'drop-replies') link.dropReplies();
  else if (kind === 'slow-link') link.slow(amount);
  else link.drop();
}
