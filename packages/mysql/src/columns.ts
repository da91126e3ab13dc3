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

/** Up to 16 MiB of bytes. */
export const mediumBlob = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'mediumblob' });

/** Text of any language, whatever the database's default character set is. */
export function unicodeText(name: string, length: number) {
  return customType<{ data: string; driverData: string }>({
    dataType: () => `varchar(${length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  })(name);
}
