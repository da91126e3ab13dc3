import { Outcome, type TxResult } from '../gen/txmsg/message/v1/message_pb.js';
import { REASON_MAX, TX_NO_MAX } from './is-valid-result.js';
import { MAX_RESULTS } from './result-limits.js';

/** The content of a ResultEnvelope. */
export interface Results {
  readonly participant: string;
  readonly results: TxResult[];
  readonly deliveryLagMs: number | undefined;
  /** The consumer that decided; blank when it isn't known, or no name. */
  readonly consumer: string;
  /** The message type of all these transactions; blank when it isn't known, or no name. */
  readonly type: string;
}

// Texts are printable ASCII without quotes and backslashes, so nothing in them is escaped. The lag's digits fit a
// double.
const HEAD = /\{"participant":"([ !#-[\]-~]*)","txResults":\[/y;
const RESULT =
  /\{"txNo":"([A-Za-z0-9_.:-]+)","outcome":"(APPLIED|REJECTED)"(?:,"reason":"([ !#-[\]-~]*)")?\}([,\]])/y;
const TAIL =
  /(?:,"deliveryLagMs":"([0-9]{1,15})")?(?:,"consumer":"([A-Za-z0-9_.-]{1,64})")?(?:,"type":"([A-Za-z0-9_.-]{1,64})")?\}$/y;

/**
 * Reads a ResultEnvelope in the one form in which our consumers write it, several times faster than the protobuf JSON
 * mapping. All its results are valid. Undefined for any other text, valid or not, and beyond 10,000 results: the
 * mapping reads those.
 */
export function scanResults(text: string): Results | undefined {
  const head = matchAt(HEAD, text, 0);
  if (!head) return undefined;
  const results: TxResult[] = [];
  let at = HEAD.lastIndex;
  for (let more = true; more; ) {
    const match = matchAt(RESULT, text, at);
    if (!match || results.length === MAX_RESULTS) return undefined;
    const [, txNo = '', outcome, reason = '', end] = match;
    if (txNo.length > TX_NO_MAX || reason.length > REASON_MAX) return undefined;
    results.push({
      $typeName: 'txmsg.message.v1.TxResult',
      txNo,
      outcome: outcome === 'APPLIED' ? Outcome.APPLIED : Outcome.REJECTED,
      reason,
    });
    at = RESULT.lastIndex;
    more = end === ',';
  }
  const tail = matchAt(TAIL, text, at);
  if (!tail) return undefined;
  const [, lag, consumer = '', type = ''] = tail;
  return {
    participant: head[1] ?? '',
    results,
    deliveryLagMs: lag === undefined ? undefined : Number(lag),
    consumer,
    type,
  };
}

/** The match that begins right there. */
function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}
