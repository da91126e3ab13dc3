import { escape as escapeValue } from 'mysql2';

/** A text as an SQL literal, quotes included. */
export function textLiteral(text: string): string {
  return escapeValue(text);
}

/** Texts as SQL literals for an IN list. */
export function textLiterals(texts: readonly string[]): string {
  return texts.map(textLiteral).join(', ');
}

/** A point in time as a DATETIME(3) in UTC. */
export function timeText(time: Date): string {
  return time.toISOString().slice(0, 23).replace('T', ' ');
}

/** The same as a literal, quotes included. */
export function timeLiteral(time: Date): string {
  return `'${timeText(time)}'`;
}
