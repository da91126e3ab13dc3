/** As many of the txNos, from the first, as fit with a separator each: a key only helps to find a message. */
export function fitKeys(txNos: readonly string[], maxBytes: number): readonly string[] {
  let bytes = 0;
  const count = txNos.findIndex((txNo) => {
    bytes += Buffer.byteLength(txNo) + 1;
    return bytes > maxBytes;
  });
  return count === -1 ? txNos : txNos.slice(0, count);
}
