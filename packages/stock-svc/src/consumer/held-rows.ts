import type { QuietLog } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import type { Transaction } from '../domain/transaction.js';
import { findHeldProducts, findHeldTxNos } from '../store/find-held.js';
import { createHeldKeys } from './held-keys.js';

/** The rows that somebody else keeps locked, and which transactions need them. */
export interface HeldRows {
  /** False while no row is known to be held: nothing has to be asked. */
  readonly any: boolean;
  /** Whether a transaction needs a row that is held; looks first at those of the rows that are due for it. */
  judge(transactions: readonly Transaction[]): Promise<(transaction: Transaction) => boolean>;
  /**
   * Finds out which rows of these transactions are held, after one of them has waited too long for a lock.
   *
   * @returns false when none is: the lock is on something else
   */
  search(transactions: readonly Transaction[]): Promise<boolean>;
}

/** Shorter waits are nothing to tell anybody of. */
const TOLD_AFTER_MS = 5_000;
const KEYS_TOLD = 10;

/** Makes the register; `tell` hears of rows that are held for more than 5 s. */
export function createHeldRows(database: Database, tell: QuietLog = () => undefined): HeldRows {
  const products = createHeldKeys<bigint>();
  const txNos = createHeldKeys<string>();
  const needsHeldRow = ({ productId, txNo }: Transaction) => products.has(productId) || txNos.has(txNo);
  const look = async (someProducts: readonly bigint[], someTxNos: readonly string[]) => {
    if (someProducts.length + someTxNos.length === 0) return;
    await database.run(async (connection) => {
      products.note(someProducts, await findHeldProducts(connection, someProducts));
      txNos.note(someTxNos, await findHeldTxNos(connection, someTxNos));
    });
    const long = [
      products.heldFor(TOLD_AFTER_MS, KEYS_TOLD),
      txNos.heldFor(TOLD_AFTER_MS, KEYS_TOLD),
    ] as const;
    if (long[0].length + long[1].length === 0) return;
    tell(
      { alarm: 'LOCKED_ROWS', products: long[0].map(String), txNos: long[1] },
      'rows that somebody else keeps locked hold transactions up',
    );
  };
  return {
    get any() {
      return products.size + txNos.size > 0;
    },
    async judge(transactions) {
      await look(
        products.takeDue(transactions.map(({ productId }) => productId)),
        txNos.takeDue(transactions.map(({ txNo }) => txNo)),
      );
      return needsHeldRow;
    },
    async search(transactions) {
      await look(
        [...new Set(transactions.map(({ productId }) => productId))],
        transactions.map(({ txNo }) => txNo),
      );
      return transactions.some(needsHeldRow);
    },
  };
}
