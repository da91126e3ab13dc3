import { fileURLToPath } from 'node:url';
import { freePort, startTestService, type TestService } from '@txmsg/stack/testing';
import { afterEach, expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let service: TestService | undefined;
afterEach(() => service?.remove());

async function start(env: Record<string, string>, waitReady = true): Promise<TestService> {
  const port = await freePort();
  const nowhere = `127.0.0.1:${await freePort()}`;
  service = await startTestService({
    name: 'relay',
    entry,
    env: { TXMSG_RELAY_GRPC_PORT: String(port), TXMSG_ROCKETMQ_ENDPOINTS: nowhere, ...env },
    healthPorts: [port],
    waitReady,
  });
  return service;
}

it('serves without a broker or a participant, and SIGTERM ends it in order', async () => {
  const relay = await start({});
  await relay.stop();
  expect(relay.running).toBe(false);
  expect(relay.log()).toContain('"msg":"stopped"');
  expect(relay.log()).not.toContain('"level":"error"');
});

it('tells every fault of its configuration and ends', async () => {
  const relay = await start({ TXMSG_RELAY_PARTICIPANTS: 'nobody', TXMSG_RELAY_OUTBOX_POLL: 'soon' }, false);
  await relay.exited();
  expect(relay.log()).toContain('TXMSG_RELAY_PARTICIPANTS');
  expect(relay.log()).toContain('TXMSG_RELAY_OUTBOX_POLL');
});
