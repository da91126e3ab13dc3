import type { Keyed } from '../domain/resolve-duplicates.js';
import { releaseUnsettled } from '../store/claims.js';
import type { AttemptContext } from './local-transaction.js';
import type { PreparedHalf } from './relay-link.js';

/** After the commit: transactions whose half message could not be sent are made due for the outbox at once. */
export async function releaseUnsent(
  { database, tables, clock, logger }: AttemptContext,
  half: PreparedHalf,
  transactions: readonly Keyed[],
): Promise<void> {
  if ((await half) !== 'UNSENT') return;
  const txNos = transactions.map(({ txNo }) => txNo);
  try {
    await database.run((db) => releaseUnsettled(db, tables, txNos, new Date(clock.nowMs())));
  } catch (error) {
    logger.debug({ err: error }, 'unpublished transactions not released; they are due by their time');
  }
}
