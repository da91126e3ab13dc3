import { randomBytes } from 'node:crypto';

const EPOCH_MS = Date.UTC(2021, 0, 1);

/**
 * Makes message ids in RocketMQ's format (version, 6 bytes of MAC, 2 of process id, seconds since 2021, sequence; see
 * docs/message_id.md of apache/rocketmq-clients), with random bytes in place of MAC and process id. The proxy ends a
 * transaction by this id, and two containers can have the same MAC, the same process id and the same sequence.
 */
export function createMessageIds(now: () => number = Date.now): () => string {
  const prefix = `01${randomBytes(8).toString('hex')}`;
  let sequence = 0;
  return () => {
    const seconds = Math.floor((now() - EPOCH_MS) / 1_000) % 2 ** 32;
    const id = prefix + hex32(seconds) + hex32(sequence);
    sequence = (sequence + 1) % 2 ** 32;
    return id.toUpperCase();
  };
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
