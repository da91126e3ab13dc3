import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StackError, systemCodeOf } from '../errors.js';
import type { RocketmqPorts } from '../parts/rocketmq-config.js';
import type { RocketmqProfile } from '../parts/rocketmq-part.js';

/** Every port of a stack. */
export interface StackPorts {
  readonly mysql: number;
  readonly rocketmq: RocketmqPorts;
  readonly orderGrpc: number;
  readonly orderInternal: number;
  readonly relayGrpc: number;
  readonly stockGrpc: number;
  readonly stockInternal: number;
}

/** What the commands have to know of each other; kept in `state.json`. */
export interface StackState {
  readonly ports: StackPorts;
  /** Name server, broker and proxy as three processes. */
  readonly separate: boolean;
  readonly profile: RocketmqProfile;
  /** Addresses of servers that aren't ours, as they were given when the stack was started. */
  readonly external: ExternalServers;
}

/** Servers that exist already and are used instead of own ones. */
export interface ExternalServers {
  readonly orderDbUrl?: string;
  readonly stockDbUrl?: string;
  readonly rocketmqEndpoints?: string;
  readonly namesrvAddr?: string;
}

/** The state of the stack, or undefined when it was never started (or was reset). */
export function readState(file: string): StackState | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (fault) {
    if (systemCodeOf(fault) === 'ENOENT') return undefined;
    throw fault;
  }
  try {
    return JSON.parse(text) as StackState;
  } catch (cause) {
    throw new StackError('USAGE', `${file} isn't JSON; \`npm run reset\` removes it`, { cause });
  }
}

/** Writes the state atomically; only its owner can read it, since database URLs hold passwords. */
export function writeState(file: string, state: StackState): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}
