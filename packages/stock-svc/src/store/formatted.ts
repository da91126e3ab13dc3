import { type SQL, sql } from '@txmsg/mysql/drizzle';
import { format } from 'mysql2';

/**
 * A statement whose `?` are replaced by escaped values at once, lists and lists of rows included. For the statements
 * that carry thousands of values: drizzle makes an object of each.
 */
export function formatted(statement: string, values: readonly unknown[]): SQL {
  return sql.raw(format(statement, values as Parameters<typeof format>[1], false, 'Z'));
}

/** A time as a DATETIME(3) literal in UTC. */
export function timeLiteral(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}

/** The time in a DATETIME(3) as the driver gives it, in milliseconds since the epoch. */
export function timeOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}
