import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';
import { raceFences } from './fence-race.js';
import { breakLinks, delayBurst } from './link-faults.js';
import { publishDuplicates, publishPoison, resetOffset, stealChecks } from './message-faults.js';
import { deleteBrokerData, killProcesses, pauseProcesses, stopProcesses } from './process-faults.js';

/** Does a fault of any kind. */
export function injectFault(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  switch (fault.kind) {
    case 'stop-service':
      return stopProcesses(context, fault);
    case 'delete-broker-data':
      return deleteBrokerData(context, fault);
    case 'cut-link':
    case 'drop-link':
    case 'drop-replies':
    case 'slow-link':
      return breakLinks(context, fault);
    case 'duplicates':
      return publishDuplicates(context, fault);
    case 'poison':
      return publishPoison(context, fault);
    case 'reset-message-offset':
    case 'reset-result-offset':
      return resetOffset(context, fault);
    case 'delayed-burst':
      return delayBurst(context, fault);
    case 'fence-race':
      return raceFences(context, fault);
    case 'check-thief':
      return stealChecks(context, fault);
    default:
      return fault.kind.startsWith('pause-') ? pauseProcesses(context, fault) : killProcesses(context, fault);
  }
}
