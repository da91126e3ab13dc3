import { z } from 'zod';
import type { Setting } from './load-config.js';

type Row<T> = Omit<Setting<T>, 'schema' | 'default'> & { readonly default: string };

/** Any text that isn't blank. */
export function text(row: Row<string>): Setting<string> {
  return { ...row, schema: z.string().trim().min(1, 'must not be blank') };
}

/** A whole number within bounds. */
export function wholeNumber(row: Row<number>, min: number, max: number): Setting<number> {
  const message = `must be a whole number from ${min} to ${max}`;
  const schema = z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
  return { ...row, schema };
}

/** A TCP port; 0 lets the system choose one. */
export function port(row: Row<number>): Setting<number> {
  return wholeNumber(row, 0, 65_535);
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration such as `250ms`, `30s`, `5m`, `2h` or `7d`, in milliseconds. */
export function durationMs(row: Row<number>, minMs: number, maxMs: number): Setting<number> {
  const message = `must be a duration such as 500ms, 30s, 5m, 2h or 7d, from ${minMs} ms to ${maxMs} ms`;
  const schema = z
    .string()
    .regex(/^\d{1,12}(ms|s|m|h|d)$/, message)
    .transform(
      (value) => Number.parseInt(value, 10) * UNITS_MS[value.replace(/^\d+/, '') as keyof typeof UNITS_MS],
    )
    .refine((value) => value >= minMs && value <= maxMs, message);
  return { ...row, schema };
}

/** `true` or `false`. */
export function flag(row: Row<boolean>): Setting<boolean> {
  return {
    ...row,
    schema: z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true'),
  };
}

/** A list of `host:port`, separated by commas. */
export function endpoints(row: Row<string[]>): Setting<string[]> {
  const message = 'must be host:port, or several separated by commas';
  const schema = z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .refine((list) => list.every((part) => /^[^\s:,]+:\d{1,5}$/.test(part)), message);
  return { ...row, schema };
}

/** A URL that may hold a password: it is never shown. */
export function secretUrl(row: Row<string>, protocol: string): Setting<string> {
  const message = `must be a ${protocol}//… URL`;
  const schema = z
    .string()
    .refine((value) => URL.canParse(value) && new URL(value).protocol === protocol, message);
  return { ...row, secret: true, schema };
}
