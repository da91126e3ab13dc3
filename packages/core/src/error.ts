/** Every way in which an operation of txmsg fails. The caller sees the gRPC code of the same name. */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'OUT_OF_RANGE'
  | 'RESOURCE_EXHAUSTED'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'INTERNAL';

/** A field that breaks a rule: its path in the proto, and what is wrong with it. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** Facts for the caller. They travel as google.rpc details. */
export interface ErrorDetails {
  /** BadRequest: the wrong fields, by their names in the proto, and what is wrong with each. */
  readonly fieldViolations?: readonly FieldViolation[];
  /** RetryInfo: when to try again, in milliseconds. */
  readonly retryDelayMs?: number;
  /** ErrorInfo: a stable reason in UPPER_SNAKE_CASE, with its facts. */
  readonly info?: { readonly reason: string; readonly metadata?: Readonly<Record<string, string>> };
  /** The underlying error; logged, never sent. */
  readonly cause?: unknown;
}

/** The one error class of the domain. */
export class TxmsgError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TxmsgError';
    this.code = code;
    this.details = details;
  }
}
