import { expect, test, vi } from 'vitest';
import { createClientLogger } from './client-logger.js';

test('drops info and debug, writes each kind once in ten seconds with a count, survives close', () => {
  const warn = vi.fn();
  const unused = () => {
    throw new Error('only warnings are expected');
  };
  let now = 0;
  const logger = createClientLogger({ debug: unused, info: unused, warn, error: unused }, () => now);
  logger.info('Begin to commit transaction');
  logger.debug?.('Commit transaction successfully');
  for (let line = 0; line < 100; line += 1) {
    logger.error('failed to send, error=%s', line);
    logger.warn('heartbeat failed, error=%s', line);
  }
  logger.close?.();
  expect(warn.mock.calls.map(([, text]) => text)).toEqual([
    'rocketmq client: failed to send, error=0',
    'rocketmq client: heartbeat failed, error=0',
  ]);
  now = 10_000;
  logger.error('failed to send, error=%s', 'x');
  expect(warn).toHaveBeenLastCalledWith({ suppressed: 99 }, 'rocketmq client: failed to send, error=x');
});
