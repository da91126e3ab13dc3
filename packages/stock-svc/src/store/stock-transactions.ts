import type { Queryable } from '@txmsg/mysql';
import { selectRows } from '@txmsg/mysql';
import { eq, sql } from '@txmsg/mysql/drizzle';
import type { ProductBooks } from '../domain/check-books.js';
import { txLog } from './schema.js';

/** What became of a transaction, with what it asked for. */
export type StockTransactionRow = Awaited<ReturnType<typeof findStockTransaction>>;

/** Reads a transaction on record; undefined when none is. */
export async function findStockTransaction(db: Queryable, txNo: string) {
  const { createTime, productId, payCount, outcome, reason, participant } = txLog;
  const columns = { txNo: txLog.txNo, createTime, productId, payCount, outcome, reason, participant };
  const [row] = await db.select(columns).from(txLog).where(eq(txLog.txNo, txNo));
  return row;
}

interface TotalsRow {
  product_id: number | string;
  total_count: number | string;
  added_total: number | string;
  taken_total: number | string;
  added_log: string | null;
  taken_log: string | null;
}

/** Reads the books of every product that is in any table. Reads whole tables: for audits. */
export async function readBooks(db: Queryable): Promise<ProductBooks[]> {
  const rows = await selectRows<TotalsRow>(
    db,
    sql`SELECT all_products.product_id, COALESCE(total_count, 0) AS total_count,
          COALESCE(added_total, 0) AS added_total, COALESCE(taken_total, 0) AS taken_total, added_log, taken_log
        FROM (SELECT product_id FROM stock
              UNION SELECT product_id FROM stock_change
              UNION SELECT product_id FROM tx_log WHERE outcome = 'APPLIED') all_products
        LEFT JOIN stock ON stock.product_id = all_products.product_id
        LEFT JOIN (SELECT product_id, SUM(delta) AS added_log FROM stock_change GROUP BY product_id) added
          ON added.product_id = all_products.product_id
        LEFT JOIN (SELECT product_id, SUM(pay_count) AS taken_log FROM tx_log WHERE outcome = 'APPLIED'
                   GROUP BY product_id) taken
          ON taken.product_id = all_products.product_id
        ORDER BY all_products.product_id`,
  );
  return rows.map((row) => ({
    productId: BigInt(row.product_id),
    totalCount: BigInt(row.total_count),
    addedTotal: BigInt(row.added_total),
    takenTotal: BigInt(row.taken_total),
    addedLog: BigInt(row.added_log ?? 0),
    takenLog: BigInt(row.taken_log ?? 0),
  }));
}
