import { copyFileSync, cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { System } from '@txmsg/testbed';

/** Copies the logs of all processes to a folder, because they are removed when the system stops. */
export function copyLogs({ orders, relays, stocks, broker, databases }: System, dir: string): void {
  mkdirSync(dir, { recursive: true });
  const processes = [...orders, ...relays, ...stocks, ...broker.parts.values()];
  const logs = new Map([
    ...processes.map(({ name, logFile }) => [name, logFile] as const),
    ...[...databases].map(([name, { logFile }]) => [name, logFile] as const),
  ]);
  for (const [name, logFile] of logs) {
    if (existsSync(logFile)) copyFileSync(logFile, join(dir, `${name}.log`));
  }
  for (const { name, logDir } of broker.parts.values()) {
    if (existsSync(logDir)) cpSync(logDir, join(dir, name), { recursive: true });
  }
}
