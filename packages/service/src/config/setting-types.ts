import { bareHost, isAddress, isHost, isIPv6Address, isTarget } from '@txmsg/core';
import { z } from 'zod';
import type { Setting } from './load-config.js';

type Row<T> = Omit<Setting<T>, 'schema' | 'default'> & { readonly default: string };

/** Any text except a blank one. */
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

const MAX_PORT = 65_535;

/** A TCP port; 0 lets the system choose one. */
export function port(row: Row<number>): Setting<number> {
  return wholeNumber(row, 0, MAX_PORT);
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

/** The name of a topic, by RocketMQ's rules. */
export function topicName(row: Row<string>): Setting<string> {
  const message = 'must be a topic: 1 to 127 letters, digits, - or _';
  return { ...row, schema: z.string().regex(/^[A-Za-z0-9_-]{1,127}$/, message) };
}

/** The name of a participant or of a consumer. */
export function serviceName(row: Row<string>): Setting<string> {
  const message = 'must be a name: 1 to 64 letters, digits, _, . or -';
  return { ...row, schema: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, message) };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** The lowest severity that is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log level. */
export function logLevel(row: Row<LogLevel>): Setting<LogLevel> {
  return { ...row, schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`) };
}

/**
 * Where a server listens: a name, an IPv4 address, or an IPv6 address with or without brackets. `::` means all
 * addresses of both kinds.
 */
export function host(row: Row<string>): Setting<string> {
  const message = 'must be a host without a port, such as 127.0.0.1, 0.0.0.0, ::1, :: or a name';
  return { ...row, schema: z.string().trim().refine(isHost, message).transform(bareHost) };
}

/** A list of gRPC servers, separated by commas: `host:port`, `[IPv6]:port` or `dns:///name:port`; ports from 1 to 65535. */
export function endpoints(row: Row<string[]>): Setting<string[]> {
  const message = `must be host:port, [IPv6 address]:port or dns:///name:port with a port from 1 to ${MAX_PORT}, or several separated by commas`;
  return { ...row, schema: addressList().refine((list) => list.every(isTarget), message) };
}

/** A list of addresses of RocketMQ proxies. Their client knows no IPv6 addresses; use a name that stands for one. */
export function proxyEndpoints(row: Row<string[]>): Setting<string[]> {
  const message = `must be host:port with a port from 1 to ${MAX_PORT}, or several separated by commas; use a name for an IPv6 address`;
  const valid = (list: string[]) => list.every((part) => isAddress(part) && !isIPv6Address(part));
  return { ...row, schema: addressList().refine(valid, message) };
}

function addressList() {
  return z.string().transform((value) => value.split(',').map((part) => part.trim()));
}

/** A URL that may hold a password, so it is never shown. */
export function secretUrl(row: Row<string>, protocol: string): Setting<string> {
  const message = `must be a ${protocol}//… URL`;
  const schema = z
    .string()
    .refine((value) => URL.canParse(value) && new URL(value).protocol === protocol, message);
  return { ...row, secret: true, schema };
}
