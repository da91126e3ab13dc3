import { TransactionVerdict } from '@txmsg/contracts/participant';
import { expect, it, vi } from 'vitest';
import { startParticipant } from '../test-support/fixture.js';
import { LONG, useWorld } from '../test-support/world.js';

const world = useWorld();

it('the check-backs of one participant wait for no other that never answers', async () => {
  const frozen = await startParticipant();
  frozen.beforeCheckReturns = () => new Promise(() => undefined);
  world.closers.push(() => frozen.close());
  const { client } = await world.relayWith({
    TXMSG_RELAY_PARTICIPANTS: `order-svc=${world.participant.address},frozen=${frozen.address}`,
    TXMSG_RELAY_MAX_CONCURRENT_CHECKS: '2',
    TXMSG_RELAY_PARTICIPANT_TIMEOUT: '1m',
  });
  for (const id of ['f-1', 'f-2', 'f-3', 'f-4'])
    await client.prepareTransaction({ ...world.request(id, id), participant: 'frozen' });
  await vi.waitFor(() => expect(frozen.checks).toHaveLength(2), LONG);
  world.participant.verdicts.set('t-1', [TransactionVerdict.COMMIT]);
  await client.prepareTransaction(world.request('free', 't-1'));
  await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['free']), LONG);
});
