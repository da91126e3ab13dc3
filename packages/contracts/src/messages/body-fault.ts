import { ExactNumber, type ExactValue } from '../json/exact-json.js';

/** Why a body, or a part of it, can't be read. */
export interface BodyFault {
  /** Upper-case code: NOT_JSON, NO_TRANSACTION, TOO_MANY_ENTRIES, INVALID_FIELD, or a code of UnreadableBody. */
  readonly reason: string;
  /** For people: what, where, and what to do; less than 600 characters. */
  readonly detail: string;
  /** The txNo of the part, when that much can be read. */
  readonly txNo?: string;
}

/** The first faults, and how many more there are: less than 1,000 characters in any case. */
export function describeFaults(faults: readonly Pick<BodyFault, 'detail'>[]): string {
  const more = faults.length - FAULTS_TOLD;
  const told = faults.slice(0, FAULTS_TOLD).map(({ detail }) => detail.slice(0, MAX_TOLD));
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join(' | ');
}

const FAULTS_TOLD = 3;
const MAX_TOLD = 300;
const MAX_SHOWN = 40;

/** A value as it stands in a fault; cut at 40 characters. */
export function shown(value: ExactValue | undefined): string {
  if (value instanceof ExactNumber) return value.source.slice(0, MAX_SHOWN);
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_SHOWN));
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
