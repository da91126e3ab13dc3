import { faultResources } from '../fault-resources.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';
import { bringUp, type ManagedProcess } from './managed-process.js';

/** `kill -9`. A start undoes it. */
export async function killProcesses(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const processes = targetsOf(context, fault);
  await Promise.all(processes.map((process) => process.kill()));
  return { undo: async () => void (await Promise.all(processes.map(bringUp))) };
}

/** SIGTERM. A start undoes it. */
export async function stopProcesses(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const processes = targetsOf(context, fault);
  await Promise.all(processes.map((process) => process.stop()));
  return { undo: async () => void (await Promise.all(processes.map(bringUp))) };
}

/** SIGSTOP. SIGCONT undoes it. */
export async function pauseProcesses(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const processes = targetsOf(context, fault);
  for (const process of processes) process.pause();
  return {
    undo: async () => {
      for (const process of processes) process.resume();
    },
  };
}

/** `kill -9` of the broker, and its store is removed. A start with an empty store undoes it. */
export async function deleteBrokerData(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const killed = await killProcesses(context, fault);
  context.system.broker.deleteData();
  return killed;
}

function targetsOf({ processes, topology }: ChaosContext, fault: PlannedFault): ManagedProcess[] {
  return faultResources(fault, topology).map((name) => {
    const process = processes.get(name);
    if (!process) throw new RangeError(`there is no process ${name}`);
    return process;
  });
}
