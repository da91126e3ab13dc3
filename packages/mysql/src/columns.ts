import { customType } from './drizzle.js';
import { timeText } from './literals.js';

/**
 * A key of up to 64 ASCII characters, compared byte by byte: `abc` and `ABC` are two keys, in the database as in code.
 */
export const asciiKey = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(64) CHARACTER SET ascii COLLATE ascii_bin',
});

/** A point in time with milliseconds, in UTC. Every session of ours sets its time zone to UTC. */
export const utcTime = customType<{ data: Date; driverData: Date | string }>({
  dataType: () => 'datetime(3)',
  toDriver: timeText,
  fromDriver: (value) => (value instanceof Date ? value : new Date(`${value.replace(' ', 'T')}Z`)),
});
