const MAX_CAUSES = 4;
const MAX_FIELDS = 20;
const MAX_STACK = 1_500;
const MAX_SQL = 300;
/** Where database drivers keep a statement and its values: hundreds of KiB for a batch, and the values are private. */
const STATEMENT_FIELDS: ReadonlySet<string> = new Set(['sql', 'query', 'params', 'parameters', 'values']);
/** These have fields of their own in the description. */
const STANDARD_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'message',
  'stack',
  'cause',
  'errors',
  'sqlMessage',
]);

/** What a line has said of errors, so each error and each statement is told once. */
export interface ToldErrors {
  readonly errors: Set<Error>;
  statement: boolean;
}

/** Nothing told yet. */
export function createToldErrors(): ToldErrors {
  return { errors: new Set(), statement: false };
}

/**
 * An error as plain fields for a log line: type, message, stack frames without the message, the error's own fields such
 * as `code`, `errno` and `sqlState`, and up to four causes described likewise. The beginning of a statement appears
 * once, its values never.
 */
export function describeError(error: Error, told: ToldErrors, depth = 0): Record<string, unknown> {
  told.errors.add(error);
  const described: Record<string, unknown> = { type: error.name, message: messageOf(error, told) };
  const stack = framesOf(error.stack);
  if (stack) described.stack = stack;
  const { cause } = error;
  if (cause instanceof Error && depth < MAX_CAUSES && !told.errors.has(cause)) {
    described.cause = describeError(cause, told, depth + 1);
  } else if (cause !== undefined) {
    described.cause = cause instanceof Error ? cut(`${cause.name}: ${withoutValues(cause.message)}`) : cause;
  }
  for (const key of Object.keys(error).slice(0, MAX_FIELDS)) {
    if (!STANDARD_FIELDS.has(key) && !STATEMENT_FIELDS.has(key)) described[key] = Reflect.get(error, key);
  }
  const sql: unknown = Reflect.get(error, 'sql');
  if (typeof sql === 'string' && !told.statement) {
    described.sql = cut(sql);
    told.statement = true;
  }
  if (error instanceof AggregateError) described.errors = error.errors;
  return described;
}

/** A message that repeats the error's own statement, as drizzle's does, is cut like a statement. */
function messageOf(error: Error, told: ToldErrors): string {
  const message = withoutValues(error.message);
  if (typeof Reflect.get(error, 'query') !== 'string') return message;
  told.statement = true;
  return cut(message);
}

/** A message without a statement's values, which drizzle appends to the statement. */
export function withoutValues(message: string): string {
  const statement = message.indexOf('Failed query: ');
  const values = statement < 0 ? -1 : message.indexOf('\nparams: ', statement);
  return values < 0 ? message : message.slice(0, values);
}

/** The frames alone; a stack repeats the message first. */
function framesOf(stack: string | undefined): string | undefined {
  const start = stack?.indexOf('\n    at ') ?? -1;
  return start < 0 ? undefined : stack?.slice(start + 1, start + 1 + MAX_STACK);
}

function cut(text: string): string {
  return text.length <= MAX_SQL ? text : `${text.slice(0, MAX_SQL)}… (${text.length} characters)`;
}
