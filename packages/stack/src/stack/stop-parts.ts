import type { Part } from '../parts/part.js';
import type { StackState } from './state.js';

/** Stops all running parts, in order. `onStopped` hears of each stopped part. */
export async function stopParts(
  parts: readonly Part[],
  state: StackState,
  onStopped: (part: Part) => void,
): Promise<void> {
  for (const names of stopOrder(state)) {
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

// Callers stop before the services that they call, so orders in flight are still prepared, ended and applied.
function stopOrder({ services }: StackState): readonly (readonly string[])[] {
  const names = (participants: boolean): string[] =>
    services
      .filter(({ descriptor }) => (descriptor.participant !== undefined) === participants)
      .map(({ descriptor }) => descriptor.name);
  return [names(true), names(false), ['proxy'], ['rocketmq', 'broker', 'database'], ['namesrv']];
}
