/** What can go wrong while the local stack is fetched, started or stopped. */
export type StackErrorCode =
  | 'ADMIN_FAILED'
  | 'ALREADY_RUNNING'
  | 'CHECKSUM_MISMATCH'
  | 'COMMAND_FAILED'
  | 'DOWNLOAD_FAILED'
  | 'NO_DATABASE_SERVER'
  | 'NO_JAVA'
  | 'NO_FREE_PORT'
  | 'PART_DIED'
  | 'PORT_TAKEN'
  | 'START_TIMEOUT'
  | 'USAGE';

/** The one error class of this package. Decide by `code`; show `message` to people. */
export class StackError extends Error {
  readonly code: StackErrorCode;

  constructor(code: StackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StackError';
    this.code = code;
  }
}

/** The text of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The system error code (`ENOENT`, `EEXIST`, …) of any thrown value, if it has one. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
