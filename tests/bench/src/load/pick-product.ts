/** Makes a chooser among the products 1 to `count`; one product is always itself. */
export function productPicker(count: number): () => bigint {
  if (count === 1) return () => 1n;
  return () => BigInt(1 + Math.floor(Math.random() * count));
}
