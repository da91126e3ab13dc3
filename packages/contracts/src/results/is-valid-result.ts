import { Outcome, type TxResult } from '../gen/txmsg/message/v1/message_pb.js';
import { isTxNo } from '../tx-no.js';

/** Bounds of TxResult, in characters; the proto has the same. */
export const TX_NO_MAX = 64;
export const REASON_MAX = 255;

/**
 * Whether a result keeps the rules of its proto. Written by hand, since thousands of invalid results must not cost
 * thousands of error texts; a test holds it equal to protovalidate.
 */
export function isValidResult({ txNo, outcome, reason }: TxResult): boolean {
  return (
    isTxNo(txNo) &&
    (outcome === Outcome.APPLIED || outcome === Outcome.REJECTED) &&
    (reason.length <= REASON_MAX || (reason.length <= 2 * REASON_MAX && [...reason].length <= REASON_MAX))
  );
}
