import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StackError, systemCodeOf } from '../errors.js';
import { type FirstState, isFirstState, stateFromFirst } from './first-state.js';
import { STATE_VERSION, type StackState } from './state.js';

/**
 * The state of the stack, or undefined when it was never started (or was reset). Throws USAGE when the file isn't
 * readable or comes from a later version.
 */
export function readState(file: string): StackState | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (fault) {
    if (systemCodeOf(fault) === 'ENOENT') return undefined;
    throw fault;
  }
  const state = parseState(text, file);
  if (isFirstState(state)) return stateFromFirst(state);
  if (state.version === STATE_VERSION) return state;
  throw new StackError(
    'USAGE',
    `${file} is of another version of txmsg: run \`npm run down\` in the checkout that started this stack`,
  );
}

function parseState(text: string, file: string): FirstState | StackState {
  try {
    return JSON.parse(text) as FirstState | StackState;
  } catch (cause) {
    throw new StackError(
      'USAGE',
      `${file} isn't JSON: end what still runs (the pids are in ${join(dirname(file), 'run')}) and remove it`,
      { cause },
    );
  }
}

/** Writes the state atomically. Only its owner can read it, because database URLs hold passwords. */
export function writeState(file: string, state: StackState): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}
