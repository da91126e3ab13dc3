import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the repository. */
export const repoRoot = fileURLToPath(new URL('../../../../', import.meta.url));

/** Where one stack keeps everything it writes. */
export interface StackHome {
  readonly root: string;
  readonly stateFile: string;
  /** Held while a command changes what runs. */
  readonly lockFile: string;
  /** Names the process that runs the stack in the foreground. */
  readonly supervisorFile: string;
  dataDir(part: string): string;
  logFile(part: string): string;
  pidFile(part: string): string;
  /** What `reset` removes: everything of ours below the root, and nothing else that may be there. */
  readonly removable: readonly string[];
}

/** The folder that TXMSG_HOME names, otherwise `.txmsg` at the root of the repository. */
export function stackHome(env: NodeJS.ProcessEnv): StackHome {
  const root = env.TXMSG_HOME ? resolve(env.TXMSG_HOME) : join(repoRoot, '.txmsg');
  const at = (...names: string[]): string => join(root, ...names);
  return {
    root,
    stateFile: at('state.json'),
    lockFile: at('lock'),
    supervisorFile: at('run', 'start.pid'),
    dataDir: (part) => at('data', part),
    logFile: (part) => at('logs', `${part}.log`),
    pidFile: (part) => at('run', `${part}.pid`),
    removable: [at('data'), at('logs'), at('run'), at('state.json')],
  };
}
