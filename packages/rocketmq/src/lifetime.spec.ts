import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, startTestBroker, type TestBroker } from '@txmsg/stack/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('..', import.meta.url));
let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker();
  await broker.createTopic('tx', 'TRANSACTION');
  await broker.createGroup('group');
});
afterAll(() => broker.stop());

/** Runs a module with the built package; it must end by itself, which it does only when nothing holds it. */
async function runToEnd(body: string): Promise<string> {
  const script = `
    import { createSubscriber, createTransactionPublisher } from '@txmsg/rocketmq';
    const drop = () => undefined;
    const logger = { debug: drop, info: drop, warn: drop, error: drop };
    const clients = (endpoints) => ({
      publisher: createTransactionPublisher({ endpoints, topic: 'tx', logger, check: async () => 'COMMIT' }),
      subscriber: createSubscriber({ endpoints, topic: 'tx', group: 'group', logger }),
    });
    const available = (client) => client.available || new Promise((resolve) => client.onAvailable(resolve));
    ${body}
    console.log('closed at', Date.now());
    process.on('exit', () => console.log('ended at', Date.now()));`;
  const args = ['--input-type=module', '-e', script];
  const { stdout } = await run(process.execPath, args, { cwd, timeout: 40_000 });
  return stdout;
}

function msToEnd(output: string): number {
  const [closed, ended] = ['closed', 'ended'].map((word) => Number(output.match(`${word} at (\\d+)`)?.[1]));
  return Number(ended) - Number(closed);
}

test('after close nothing keeps the process alive: idle, in use, or in the middle of a receive', async () => {
  const output = await runToEnd(`
    const { publisher, subscriber } = clients('${broker.endpoints}');
    await Promise.all([available(publisher), available(subscriber)]);
    const body = Buffer.from('x');
    await publisher.end(await publisher.prepare({ topic: 'tx', body, keys: ['k'], properties: {} }), 'COMMIT');
    const signal = new AbortController().signal;
    const receiving = subscriber.receive({ maxMessages: 1, invisibleMs: 10000, waitMs: 20000, signal });
    await Promise.all([publisher.close(), subscriber.close()]);
    await receiving;`);
  expect(msToEnd(output)).toBeLessThan(5_000);
});

test('nor does a close while connecting, or right away, without a broker', async () => {
  const port = await freePort();
  const output = await runToEnd(`
    const { publisher, subscriber } = clients('127.0.0.1:${port}');
    await publisher.close();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await subscriber.close();`);
  expect(msToEnd(output)).toBeLessThan(5_000);
});

test('nor does a close in the middle of the start', async () => {
  const output = await runToEnd(`
    for (const delay of [0, 5, 20, 50, 100]) {
      const { publisher, subscriber } = clients('${broker.endpoints}');
      await new Promise((resolve) => setTimeout(resolve, delay));
      await Promise.all([publisher.close(), subscriber.close()]);
    }`);
  expect(msToEnd(output)).toBeLessThan(5_000);
});

test('nor does a close when the broker has died meanwhile', async () => {
  const output = await runToEnd(`
    const { publisher, subscriber } = clients('${broker.endpoints}');
    await Promise.all([available(publisher), available(subscriber)]);
    console.log(await (await fetch('http://127.0.0.1:${await brokerKiller()}')).text());
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await Promise.all([publisher.close(), subscriber.close()]);`);
  await broker.start();
  expect(output).toContain('killed');
  expect(msToEnd(output)).toBeLessThan(5_000);
});

/** Lets the child process kill the broker at the moment it chooses. */
async function brokerKiller(): Promise<number> {
  const { createServer } = await import('node:http');
  const server = createServer(async (_request, response) => {
    await broker.kill();
    response.end('killed');
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return address && typeof address === 'object' ? address.port : 0;
}
