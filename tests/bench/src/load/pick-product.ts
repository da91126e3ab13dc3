/** Creates a function that picks one of the products 1 to `count`. With a count of one it always picks product 1. */
export function productPicker(count: number): () => bigint {
  if (count === 1) return () => 1n;
  return () => BigInt(1 + Math.floor(Math.random() * count));
}
