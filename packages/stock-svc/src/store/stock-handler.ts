import type { TakeStock } from '@txmsg/contracts/messages';
import type { GroupHandler } from '@txmsg/inbox';
import { decideStock, productsToLock } from '../domain/decide-stock.js';
import { findHeldProducts, lockStock, takeStock } from './take-stock.js';

/** Takes stock for groups of transactions: locks the products, decides, and takes what was decided. */
export const stockHandler: GroupHandler<TakeStock> = {
  async apply(tx, group) {
    const stock = await lockStock(tx, productsToLock(group));
    const { decisions, taken } = decideStock(group, stock);
    await takeStock(tx, taken);
    return decisions;
  },
  locks: {
    name: 'products',
    keysOf: ({ productId }) => [String(productId)],
    findHeld: findHeldProducts,
  },
};
