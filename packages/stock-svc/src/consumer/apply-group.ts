import { type Database, type Queryable, transactAgain } from '@txmsg/mysql';
import { failpoint } from '@txmsg/service';
import { type Disposition, decideGroup, productsToLock } from '../domain/decide-group.js';
import type { Transaction } from '../domain/transaction.js';
import { isContention } from '../store/failure-kind.js';
import { findTransactions } from '../store/find-transactions.js';
import { insertTransactions } from '../store/insert-transactions.js';
import { lockFloor } from '../store/lock-floor.js';
import { lockStock } from '../store/lock-stock.js';
import { takeStock } from '../store/take-stock.js';

/** Well below the shortest time for which a message may stay hidden, 10 s. */
const CONTENTION = { budgetMs: 4_000, isContention };

/**
 * Applies a group in ONE local transaction: each transaction that isn't on record gets its verdict, with its stock taken
 * and its record written, or nothing happens at all. Contention, such as another consumer that has just recorded one of
 * them, is tried again for up to 4 s.
 *
 * @returns one disposition for each transaction; its verdict is committed
 * @throws whatever the database says, CommitInDoubtError included
 */
export async function applyGroup(
  database: Database,
  transactions: readonly Transaction[],
): Promise<readonly Disposition[]> {
  const dispositions = await transactAgain(database, CONTENTION, (tx) => applyIn(tx, transactions));
  await failpoint('stock.after-commit');
  return dispositions;
}

async function applyIn(tx: Queryable, transactions: readonly Transaction[]): Promise<readonly Disposition[]> {
  const floorMs = await lockFloor(tx);
  const recorded = await findTransactions(
    tx,
    transactions.map(({ txNo }) => txNo),
  );
  const stock = await lockStock(tx, productsToLock(transactions, { recorded, floorMs }));
  const { dispositions, records, taken } = decideGroup(transactions, { recorded, floorMs, stock });
  await takeStock(tx, taken);
  await insertTransactions(tx, records);
  await failpoint('stock.before-commit');
  return dispositions;
}
