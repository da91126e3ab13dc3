import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OrderService, StockService } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/grpc';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const cli = import.meta.resolve('@txmsg/stack/cli');
const PARTS = ['database', 'rocketmq', 'order-svc', 'relay', 'stock-svc'];

interface Status {
  readonly parts: readonly {
    name: string;
    pid: number | null;
    ports: Record<string, number>;
    ready: boolean;
  }[];
  readonly orderDbUrl: string;
  readonly rocketmqEndpoints: string;
}

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'txmsg-stack-'));
});

afterAll(async () => {
  await command('reset');
  expect(readdirSync(home)).toEqual([]);
  rmSync(home, { recursive: true });
});

/** Runs a command of the local stack as its users do, in a process of its own. Resolves to its standard output. */
async function command(...args: string[]): Promise<string> {
  const source = `import { runCli } from ${JSON.stringify(cli)}; await runCli(process.argv.slice(1), process.env);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', source, '--', ...args], {
    env: { ...process.env, TXMSG_HOME: home },
  });
  return stdout;
}

async function status(): Promise<Status> {
  return JSON.parse(await command('status', '--json'));
}

function part(of: Status, name: string): Status['parts'][number] {
  const found = of.parts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no part ${name}`);
  return found;
}

test('up, an order, a killed part brought back, a second start refused, down', async () => {
  await command('up');
  const first = await status();
  expect(first.parts.map(({ name, ready }) => ({ name, ready }))).toEqual(
    PARTS.map((name) => ({ name, ready: true })),
  );

  const orders = createGrpcClient(OrderService, `127.0.0.1:${part(first, 'order-svc').ports.grpc}`);
  const stock = createGrpcClient(StockService, `127.0.0.1:${part(first, 'stock-svc').ports.grpc}`);
  const { txNo } = await orders.submitOrder({ productId: 1n, payCount: 2 });
  await expect
    .poll(() => stock.getStockTransaction({ txNo }).catch(() => undefined))
    .toMatchObject({ transaction: { productId: 1n, payCount: 2 } });
  const { stock: left } = await stock.getStock({ productId: 1n });
  expect(left).toMatchObject({ totalCount: 99_998n, addedTotal: 100_000n });

  await expect(command('start')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already running'),
  });

  const { pid } = part(first, 'relay');
  if (pid === null) throw new Error('the relay has no pid');
  process.kill(pid, 'SIGKILL');
  await expect.poll(async () => part(await status(), 'relay').pid).toBeNull();
  await command('up');
  const second = await status();
  expect(part(second, 'relay')).toMatchObject({ ready: true, ports: part(first, 'relay').ports });
  expect(part(second, 'relay').pid).not.toBe(pid);
  // Nothing else was touched, and nothing was seeded twice.
  expect(part(second, 'rocketmq').pid).toBe(part(first, 'rocketmq').pid);
  expect(await stock.getStock({ productId: 1n })).toMatchObject({ stock: { addedTotal: 100_000n } });
  orders.close();
  stock.close();

  await command('down');
  const last = await status();
  expect(last.parts.every((one) => one.pid === null && !one.ready)).toBe(true);
}, 240_000);
