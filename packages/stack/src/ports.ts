import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StackError, systemCodeOf } from './errors.js';
import { tryFileLock } from './process/file-lock.js';

// Below the range that systems use for outgoing connections, so a port that is free now stays free for a moment.
const FIRST = 20_000;
const LAST = 31_000;
const HOSTS = ['127.0.0.1', '::1', '0.0.0.0', '::'];

/** True when a server can listen on the port, on the loopback addresses and on all addresses, of IPv4 and IPv6. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of HOSTS) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

/**
 * A port that is free together with its neighbours at `offsets`. It is reserved for this process against others that
 * choose at the same moment. Throws NO_FREE_PORT after many attempts.
 */
export async function freePort(offsets: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await allFree([port, ...offsets.map((offset) => port + offset)])) return port;
  }
  throw new StackError('NO_FREE_PORT', `no free port between ${FIRST} and ${LAST}`);
}

/** The wanted port when it is free together with its neighbours, otherwise any free one. */
export async function portOrFree(wanted: number, offsets: readonly number[] = []): Promise<number> {
  const wantedPorts = [wanted, ...offsets.map((offset) => wanted + offset)];
  return (await allFree(wantedPorts)) ? wanted : freePort(offsets);
}

async function allFree(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) {
    if (!reserve(port) || !(await isPortFree(port))) return false;
  }
  return true;
}

/**
 * A reservation is a lock file in a folder that all users share. It lasts as long as this process; that of an ended
 * process doesn't count.
 */
function reserve(port: number): boolean {
  const dir = join(tmpdir(), 'txmsg-ports');
  if (!existsSync(dir)) {
    mkdirSync(dir, { recursive: true });
    chmodSync(dir, 0o1777);
  }
  const file = join(dir, String(port));
  try {
    if (!tryFileLock(file)) return false;
  } catch (fault) {
    const code = systemCodeOf(fault);
    if (code !== 'EPERM' && code !== 'EACCES') throw fault;
    return true; // an ended process of another user left it behind, and we can't take over its file
  }
  if (held.size === 0) process.on('exit', releaseAll);
  held.add(file);
  return true;
}

const held = new Set<string>();

function releaseAll(): void {
  for (const file of held) rmSync(file, { force: true });
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (fault: NodeJS.ErrnoException) => {
      // Only "in use" and "not allowed" say something about the port. A machine without IPv6 says EAFNOSUPPORT or
      // EADDRNOTAVAIL.
      resolve(fault.code !== 'EADDRINUSE' && fault.code !== 'EACCES');
    });
    server.listen({ port, host, exclusive: true, ipv6Only: host === '::' }, () =>
      server.close(() => resolve(true)),
    );
  });
}
