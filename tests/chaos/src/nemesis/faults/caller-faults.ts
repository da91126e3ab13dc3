import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { startBackground } from '../../background.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';

const PATH = '/txmsg.order.v1.OrderService/SubmitOrders';
/** Below the size that a request may have. */
const MESSAGE_BYTES = 250_000;
const HALF_BYTES = 200_000;
/** The most that one stream sends. */
const STREAM_BYTES = 8_000_000;
/** As many orders as a message may carry besides its first. */
const ALLOWED_ENTRIES = 999;
const STREAMS_A_SESSION = 100;

/** Callers that send messages full of empty orders, as many as they can, and never read an answer. Amount: streams. */
export async function stallCallers({ system }: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  // Streams of one connection would share its window and block each other.
  const sessions = Array.from({ length: fault.amount }, () => openSession(addressOf(system, fault)));
  const streams = sessions.map(openStream);
  let sent = 0;
  const work = startBackground(async (signal) => {
    await Promise.all(
      streams.map((stream, index) => {
        const message = index % 2 === 0 ? emptyOrders(MESSAGE_BYTES / 2) : emptyOrders(ALLOWED_ENTRIES);
        return keepSending(stream, message, signal, (bytes) => {
          sent += bytes;
        });
      }),
    );
  });
  return {
    undo: async () => {
      for (const session of sessions) session.destroy();
      await work.stop();
    },
    detail: () => `${streams.length} streams, ${(sent / 1e6).toFixed(1)} MB sent, nothing read`,
  };
}

/** Calls whose message never comes to its end. Amount: calls. */
export async function sendHalves({ system }: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const half = grpcMessage(Buffer.alloc(MESSAGE_BYTES, Buffer.from([0x22, 0]))).subarray(0, HALF_BYTES);
  const sessions: ClientHttp2Session[] = [];
  let refused = 0;
  for (let calls = 0; calls < fault.amount; calls += STREAMS_A_SESSION) {
    const session = openSession(addressOf(system, fault));
    sessions.push(session);
    for (let call = calls; call < Math.min(fault.amount, calls + STREAMS_A_SESSION); call += 1) {
      const stream = openStream(session);
      stream.once('close', () => {
        refused += 1;
      });
      stream.write(half);
    }
  }
  let detail = '';
  return {
    undo: async () => {
      detail = `${fault.amount} half-sent messages, ${refused} of them ended by the server`;
      for (const session of sessions) session.destroy();
    },
    detail: () => detail,
  };
}

function addressOf({ orders }: ChaosContext['system'], { target }: PlannedFault): string {
  const service = orders.find(({ name }) => name === target);
  if (!service) throw new RangeError(`there is no service ${target}`);
  return service.address;
}

/** The server decides what becomes of the session. */
function openSession(address: string): ClientHttp2Session {
  const session = connect(`http://${address}`);
  session.on('error', () => {});
  return session;
}

function openStream(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  return stream;
}

async function keepSending(
  stream: ClientHttp2Stream,
  message: Buffer,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  for (let sent = 0; sent < STREAM_BYTES && !stream.destroyed && !signal.aborted; sent += message.length) {
    const room = stream.write(message);
    onSent(message.length);
    if (!room) await Promise.race([closed, new Promise<void>((resolve) => stream.once('drain', resolve))]);
  }
}

/** A SubmitOrdersRequest with this many empty entries in `more` (field 4). */
function emptyOrders(entries: number): Buffer {
  return grpcMessage(Buffer.alloc(entries * 2, Buffer.from([0x22, 0])));
}

function grpcMessage(payload: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(payload.length, 1);
  return Buffer.concat([prefix, payload]);
}
