import type { PlannedFault } from '../plan-faults.js';
import { sendHalves, stallCallers } from './caller-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';
import { failCommits } from './commit-faults.js';
import { lockAllTables, lockRow, makeReadOnly, switchDatabase } from './database-faults.js';
import { raceFences } from './fence-race.js';
import { breakLinks, delayBurst } from './link-faults.js';
import { publishDuplicates, resetOffset, stealChecks } from './message-faults.js';
import { publishBadResults, publishPoison } from './poison-faults.js';
import { deleteBrokerData, killProcesses, pauseProcesses, stopProcesses } from './process-faults.js';

/** Injects a fault of any kind. */
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
    case 'poison-unreadable':
    case 'poison-size':
    case 'poison-compression':
    case 'poison-text':
    case 'poison-foreign':
      return publishPoison(context, fault);
    case 'poison-results':
      return publishBadResults(context);
    case 'read-only-order-db':
    case 'read-only-stock-db':
      return makeReadOnly(context, fault);
    case 'switch-order-db':
    case 'switch-stock-db':
      return switchDatabase(context, fault);
    case 'fail-commits-order-db':
    case 'fail-commits-stock-db':
      return failCommits(context, fault);
    case 'lock-order-db':
    case 'lock-stock-db':
      return lockAllTables(context, fault);
    case 'lock-order-row':
    case 'lock-stock-row':
      return lockRow(context, fault);
    case 'stalled-callers':
      return stallCallers(context, fault);
    case 'half-sent-messages':
      return sendHalves(context, fault);
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
