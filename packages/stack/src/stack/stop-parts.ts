import type { Part } from '../parts/part.js';

// Who asks is stopped before who answers: orders in flight are still prepared, ended and applied.
const STOP_ORDER: readonly (readonly string[])[] = [
  ['order-svc'],
  ['relay', 'stock-svc'],
  ['proxy'],
  ['rocketmq', 'broker', 'database'],
  ['namesrv'],
];

/** Stops all parts that run, in order; `onStopped` hears of each that did. */
export async function stopParts(parts: readonly Part[], onStopped: (part: Part) => void): Promise<void> {
  for (const names of STOP_ORDER) {
    const group = parts.filter((part) => names.includes(part.spec.name));
    await Promise.all(
      group.map(async (part) => {
        const ran = part.running;
        await part.stop();
        if (ran) onStopped(part);
      }),
    );
  }
}
