import { escape as escapeValue } from 'mysql2';

/** A text as an SQL literal, quotes included. */
export function textLiteral(text: string): string {
  return escapeValue(text);
}

/** A point in time as a DATETIME(3) literal in UTC, quotes included. */
export function timeLiteral(time: Date): string {
  return `'${time.toISOString().slice(0, 23).replace('T', ' ')}'`;
}
