import { type DestinationStream, type Logger, pino } from 'pino';
import { boundFields, cutText } from './bound-fields.js';
import { withoutValues } from './describe-error.js';

/** The longest log line, in bytes of UTF-8, including its newline. */
export const MAX_LOG_LINE_BYTES = 10_000;

/** Fields of every line. They stay when a line is too long even with bounded fields. */
const KEPT_FIELDS = ['level', 'time', 'service', 'pid', 'msg'] as const;

/**
 * A JSON logger on standard output. Every line carries the service's name and has at most {@link MAX_LOG_LINE_BYTES},
 * whatever is logged: long values are cut and say so.
 *
 * @param service name of the service
 * @param level pino's level names, `silent` included
 * @param destination where lines go instead of standard output
 */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service, pid: process.pid },
    formatters: {
      level: (label: string) => ({ level: label }),
      log: boundFields,
    },
    // Errors are described with all other fields, whatever their names.
    serializers: { err: (described: unknown) => described, msg: boundMessage },
    hooks: { streamWrite: boundLine },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** When an error is logged alone, pino takes its message as it is. */
function boundMessage(message: unknown): unknown {
  return typeof message === 'string' ? cutText(withoutValues(message)) : message;
}

/**
 * The last resort, for many fields that are each within their bounds: cuts fields, then leaves fields out, until the
 * line fits.
 */
function boundLine(line: string): string {
  if (line.length * 3 <= MAX_LOG_LINE_BYTES || Buffer.byteLength(line) <= MAX_LOG_LINE_BYTES) return line;
  const fields: Record<string, unknown> = JSON.parse(line);
  const bounded: Record<string, unknown> = { cut: true };
  let room = MAX_LOG_LINE_BYTES - Buffer.byteLength('{"cut":true}\n');
  const put = (name: string, value: unknown) => {
    const field = `${JSON.stringify(name)}:${JSON.stringify(value)},`;
    if (value === undefined || Buffer.byteLength(field) > room) return;
    room -= Buffer.byteLength(field);
    bounded[name] = value;
  };
  for (const name of KEPT_FIELDS) put(name, shorten(fields[name], 400));
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(bounded, name)) put(name, shorten(fields[name], 250));
  }
  return `${JSON.stringify(bounded)}\n`;
}

function shorten(value: unknown, max: number): unknown {
  if (typeof value === 'number' || value === undefined) return value;
  return cutText(typeof value === 'string' ? value : JSON.stringify(value), max);
}
