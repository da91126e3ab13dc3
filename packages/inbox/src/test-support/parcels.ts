import { randomUUID } from 'node:crypto';
import { type LedgerTotal, LedgerTotalSchema } from '@txmsg/contracts/ledger';
import { defineMessage } from '@txmsg/contracts/messages';
import { changeRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { EachHandler } from '../consume/handlers.js';
import { Rejected } from '../consume/handlers.js';
import type { Delivery } from '../testing/index.js';
import { generalStatements } from './shelf-statements.js';

// A small service for the tests of `each`: parcels are posted to an address, one by one.

/** Asks for a parcel to an address, which stands in `account`. */
export const ShipParcel = defineMessage({
  type: 'ShipParcel',
  topic: 'topic_parcels',
  schema: LedgerTotalSchema,
});

/** Asks for a letter; another type of the same topic. */
export const SendLetter = defineMessage({
  type: 'SendLetter',
  topic: 'topic_parcels',
  schema: LedgerTotalSchema,
});

/** The tables of the test service: its parcels, and a general inbox. */
export const parcelStatements: readonly string[] = [
  'CREATE TABLE parcel (id bigint AUTO_INCREMENT PRIMARY KEY, tx_no varchar(64) NOT NULL, address varchar(64) NOT NULL) ENGINE=InnoDB',
  'CREATE TABLE address_book (address varchar(64) PRIMARY KEY) ENGINE=InnoDB',
  ...generalStatements,
];

/** Posts a parcel. An address that is blank is rejected, after something was written. */
export const shipParcel: EachHandler<LedgerTotal> = async (
  { db },
  { txNo, message: { account: address } },
) => {
  await changeRows(db, sql`INSERT INTO parcel (tx_no, address) VALUES (${txNo}, ${address})`);
  if (address === '') throw new Rejected('NO_ADDRESS');
};

/** An entry of the general envelope. */
export function typed(type: string, txNo: string, account: string, createTimeMs = Date.now()) {
  return { txNo, createTime: String(createTimeMs), type, payload: { account } };
}

/** A first delivery of entries from `shop`, born now. */
export function parcelDelivery(...entries: readonly object[]): Delivery {
  return {
    topic: 'topic_parcels',
    messageId: randomUUID(),
    body: Buffer.from(JSON.stringify({ txMessages: entries })),
    participant: 'shop',
    type: '',
    bornTimeMs: Date.now(),
    attempt: 1,
  };
}
