import { Duplex } from 'node:stream';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  type SubmitOrdersRequest,
  SubmitOrdersRequestSchema,
  type SubmitOrdersResponseSchema,
} from '@txmsg/contracts/order';
import { TxmsgError } from '@txmsg/core';
import { type CallContext, createRequestValidator } from '@txmsg/grpc';
import { expect, it, vi } from 'vitest';
import type { Order } from '../domain/order.js';
import { submitOrders } from './submit-orders.js';
import type { OrderRequest, Submitter } from './submitter.js';

type Response = MessageInitShape<typeof SubmitOrdersResponseSchema>;

const validator = createRequestValidator();

/** A stream without a wire, and a queue that accepts when it is told to. */
function setUp(hasRoom: () => Promise<void> = async () => {}) {
  const responses: Response[] = [];
  const stream = new Duplex({
    objectMode: true,
    read() {},
    write(response: Response, _encoding, done) {
      responses.push(response);
      done();
    },
  });
  const waiting: { txNo: string; accept: () => void; refuse: (error: unknown) => void }[] = [];
  const submitter: Pick<Submitter, 'submit' | 'hasRoom'> = {
    hasRoom,
    submit: ({ txNo, productId, payCount }: OrderRequest) =>
      new Promise<Order>((resolve, reject) => {
        const now = new Date(0);
        const order = { txNo, orderNo: `o${txNo}`, productId, payCount, createTime: now, updateTime: now };
        const accept = () => resolve({ ...order, status: 'PENDING', statusReason: '' });
        waiting.push({ txNo, accept, refuse: reject });
      }),
  };
  const context = { signal: new AbortController().signal } as CallContext;
  const ended = submitOrders(
    stream as unknown as ServerDuplexStream<SubmitOrdersRequest, Response>,
    context,
    submitter as Submitter,
    validator,
  );
  const send = (first: string, more: readonly string[] = [], payCount = 1) => {
    const order = (txNo: string) => ({ txNo, productId: 1n, payCount });
    stream.push(create(SubmitOrdersRequestSchema, { ...order(first), more: more.map(order) }));
  };
  const acceptAll = () => waiting.splice(0).forEach(({ accept }) => void accept());
  return { responses, waiting, send, acceptAll, end: () => stream.push(null), ended };
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const turn = () => new Promise(setImmediate);

it('takes no further message while 2,000 orders are under way, however many are in one', async () => {
  const { waiting, send, acceptAll, end, ended, responses } = setUp();
  for (const message of ['a', 'b', 'c', 'd']) send(message, names(message, 899));
  end();
  await vi.waitFor(() => expect(waiting).toHaveLength(2_700));
  await turn();
  expect(waiting).toHaveLength(2_700);
  acceptAll();
  await vi.waitFor(() => expect(waiting).toHaveLength(900));
  acceptAll();
  await ended;
  expect(responses.map(({ txNo, more }) => [txNo, more?.length])).toEqual(
    ['a', 'b', 'c', 'd'].map((message) => [message, 899]),
  );
});

it('answers a message when the last of its orders is decided, and a later one meanwhile', async () => {
  const { waiting, send, end, ended, responses } = setUp();
  send('slow', ['s1', 's2']);
  send('quick');
  end();
  await vi.waitFor(() => expect(waiting).toHaveLength(4));
  for (const { txNo, accept, refuse } of waiting) {
    if (txNo === 's1') refuse(new TxmsgError('ALREADY_EXISTS', 'other content'));
    else if (txNo !== 's2') accept();
  }
  await vi.waitFor(() => expect(responses.map(({ txNo }) => txNo)).toEqual(['quick']));
  waiting.find(({ txNo }) => txNo === 's2')?.accept();
  await ended;
  const slow = responses.find(({ txNo }) => txNo === 'slow');
  expect([slow, ...(slow?.more ?? [])].map((answer) => [answer?.txNo, answer?.result?.case])).toEqual([
    ['slow', 'order'],
    ['s1', 'error'],
    ['s2', 'order'],
  ]);
});

it('places none of a message with too many, answers it once, and goes on', async () => {
  const { waiting, send, acceptAll, end, ended, responses } = setUp();
  send('x', names('x', 1_000));
  send('y', names('y', 999));
  end();
  await vi.waitFor(() => expect(waiting).toHaveLength(1_000));
  expect(waiting.every(({ txNo }) => txNo.startsWith('y'))).toBe(true);
  acceptAll();
  await ended;
  expect(responses[0]).toMatchObject({ txNo: 'x', result: { case: 'error', value: { code: 3 } } });
  expect(responses[0]?.more ?? []).toEqual([]);
  expect(responses[1]?.more).toHaveLength(999);
});

it('puts the orders of a message in a full queue one by one, as there is room', async () => {
  let room = 0;
  const { waiting, send, acceptAll, end, ended } = setUp(async () => {
    await vi.waitFor(() => expect(room).toBeGreaterThan(0), { timeout: 5_000, interval: 1 });
    room -= 1;
  });
  send('a', names('a', 5));
  end();
  for (const places of [1, 2, 3]) {
    const before = waiting.length;
    room = places;
    await vi.waitFor(() => expect(waiting).toHaveLength(before + places));
    await turn();
    expect(waiting).toHaveLength(before + places);
  }
  acceptAll();
  await ended;
});

it('takes the orders of a stream in the turns that it takes alone, beside streams whose orders are all refused', async () => {
  const clean = setUp();
  const refusing = Array.from({ length: 31 }, () => setUp());
  for (const { send } of refusing) {
    for (const message of ['a', 'b']) send(message, names(message, 99), 0);
  }
  // By then they wait in line.
  for (let turns = 0; turns < 5; turns += 1) await turn();
  for (const message of ['a', 'b', 'c', 'd']) clean.send(message, names(message, 249));
  for (let turns = 0; turns < 2; turns += 1) await turn();
  expect(clean.waiting).toHaveLength(1_000);
  expect(refusing.some(({ responses }) => responses.length < 2)).toBe(true);
  clean.acceptAll();
  for (const { end } of [clean, ...refusing]) end();
  await Promise.all([clean, ...refusing].map(({ ended }) => ended));
  expect(clean.responses).toHaveLength(4);
  expect(refusing.every(({ responses }) => responses.length === 2)).toBe(true);
});

it('does not slow a stream down for orders that exist with another content', async () => {
  const { waiting, send, end, ended } = setUp();
  send('a', names('a', 249));
  await turn();
  for (const { refuse } of waiting.splice(0)) refuse(new TxmsgError('ALREADY_EXISTS', 'other content'));
  await turn();
  send('b', names('b', 249));
  await turn();
  expect(waiting).toHaveLength(250);
  for (const { accept } of waiting.splice(0)) accept();
  end();
  await ended;
});
