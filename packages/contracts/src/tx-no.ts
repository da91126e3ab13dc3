// The form of names and times in every contract. The protos have the same rules, and tests hold the two equal.

const TX_NO = /^[A-Za-z0-9_.:-]{1,64}$/;
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
// Seconds since the epoch look like milliseconds before 2001, until the year 32,000. Microseconds look like
// milliseconds after 2099, since February 1970.
const MIN_TIME_MS = Date.UTC(2001, 0, 1);
const END_TIME_MS = Date.UTC(2100, 0, 1);

/** The value is a txNo: 1 to 64 of `[A-Za-z0-9_.:-]`. */
export function isTxNo(value: unknown): value is string {
  return typeof value === 'string' && TX_NO.test(value);
}

/** The value is the name of a participant, of a consumer or of a message type: 1 to 64 of `[A-Za-z0-9_.-]`. */
export function isName(value: unknown): boolean {
  return typeof value === 'string' && NAME.test(value);
}

/** The time is plausible as milliseconds since the epoch: it lies in the years 2001 to 2099. */
export function isPlausibleTime(timeMs: number): boolean {
  return timeMs >= MIN_TIME_MS && timeMs < END_TIME_MS;
}

/** What is wrong with the key and the birth of a transaction, for people; empty when both are right. */
export function keyFaults(txNo: string, createTimeMs: number): string[] {
  const faults: string[] = [];
  if (!isTxNo(txNo)) faults.push('txNo: must be 1 to 64 of [A-Za-z0-9_.:-]');
  if (!isPlausibleTime(createTimeMs)) {
    faults.push(
      `createTime: ${createTimeMs} must be milliseconds since the epoch, in the years 2001 to 2099`,
    );
  }
  return faults;
}
