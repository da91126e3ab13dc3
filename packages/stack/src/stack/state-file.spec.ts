import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { orders, relay, sampleState, shipping, stock } from '../test-support/sample-services.js';
import { stackAddresses } from './addresses.js';
import { readState, writeState } from './state-file.js';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-spec-'));
  file = join(dir, 'state.json');
});

afterEach(() => rmSync(dir, { recursive: true }));

it('reads what it has written, the descriptor of each service included', () => {
  const state = sampleState(orders, relay, stock, shipping);
  writeState(file, state);
  expect(readState(file)).toEqual(state);
});

it('reads the state of version 0.1.0, which knew three services', () => {
  const { mysql, rocketmq } = sampleState().ports;
  const services = {
    orderGrpc: 9090,
    orderInternal: 9091,
    relayGrpc: 7070,
    stockGrpc: 6060,
    stockInternal: 6061,
  };
  const external = { stockDbUrl: 'mysql://else/stock', rocketmqEndpoints: 'mq:8081' };
  writeFileSync(
    file,
    JSON.stringify({
      ports: { mysql, rocketmq, ...services },
      separate: true,
      profile: 'bench',
      external,
    }),
  );
  const state = readState(file);
  if (state === undefined) throw new Error('no state');
  expect(state).toMatchObject({ separate: true, profile: 'bench', ports: { mysql, rocketmq } });
  const { services: now } = sampleState(orders, relay, stock);
  const known = state.services.map(({ descriptor: { name, ports: described }, ports }) => ({
    name,
    described,
    ports,
  }));
  expect(known).toEqual(
    now.map(({ descriptor: { name, ports: described }, ports }) => ({ name, described, ports })),
  );
  expect(state.services.map(({ descriptor }) => descriptor.participant?.port)).toEqual([
    'internal',
    undefined,
    undefined,
  ]);
  expect(stackAddresses(state)).toMatchObject({
    databases: [{ url: 'mysql://txmsg:txmsg@127.0.0.1:1/tx-msg-orders' }, { url: 'mysql://else/stock' }],
    rocketmqEndpoints: 'mq:8081',
  });
});

it('says what to do with the state of a later version', () => {
  writeFileSync(file, JSON.stringify({ ...sampleState(), version: 3 }));
  expect(() => readState(file)).toThrow('npm run down');
});
