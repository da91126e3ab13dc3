/** What has a key that is unique among all transactions of a participant. */
export interface Keyed {
  readonly txNo: string;
}

/** What becomes of each row of a group that met an existing tx_no. */
export interface DuplicateResolution<Row, Stored> {
  /** Retries of what exists: answered with that. */
  readonly answered: readonly { readonly asked: Row; readonly existing: Stored }[];
  /** The tx_no exists with other content: refused. */
  readonly refused: readonly Row[];
  /** Not found: tried again. */
  readonly remaining: readonly Row[];
}

/** Splits a group by what the database holds under its txNos. */
export function resolveDuplicates<Row extends Keyed, Stored extends Keyed>(
  asked: readonly Row[],
  existing: readonly Stored[],
  sameContent: (row: Row, stored: Stored) => boolean,
): DuplicateResolution<Row, Stored> {
  const byTxNo = new Map(existing.map((stored) => [stored.txNo, stored]));
  const answered: { asked: Row; existing: Stored }[] = [];
  const refused: Row[] = [];
  const remaining: Row[] = [];
  for (const row of asked) {
    const found = byTxNo.get(row.txNo);
    if (!found) remaining.push(row);
    else if (sameContent(row, found)) answered.push({ asked: row, existing: found });
    else refused.push(row);
  }
  return { answered, refused, remaining };
}
