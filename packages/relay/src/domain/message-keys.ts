/**
 * What a message is found by at the broker: the group's transaction_id if it has one, and as many of its txNos, from the
 * first, as fit with a separator each. A larger group is found by its transaction_id, which the participant knows of
 * each txNo.
 */
export function messageKeys(
  txNos: readonly string[],
  maxBytes: number,
  transactionId?: string,
): readonly string[] {
  const keys = transactionId === undefined ? txNos : [transactionId, ...txNos];
  let bytes = 0;
  const count = keys.findIndex((key) => {
    bytes += Buffer.byteLength(key) + 1;
    return bytes > maxBytes;
  });
  return count === -1 ? keys : keys.slice(0, count);
}
