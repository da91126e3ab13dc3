import { StockService } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/grpc';

const PRODUCTS = 10;
const FIRST_PRODUCT_COUNT = 100_000n;
const OTHER_PRODUCT_COUNT = 1_000n;

/**
 * Adds the first stock of products 1 to 10 (100,000 of product 1, 1,000 of the others) at the address of a stock
 * service. Each addition has a fixed request id, so it counts once however often the program runs.
 */
async function seed(stockAddress: string): Promise<void> {
  const client = createGrpcClient(StockService, stockAddress, { timeoutMs: 15_000 });
  try {
    for (let product = 1; product <= PRODUCTS; product++) {
      await client.addStock({
        productId: BigInt(product),
        count: product === 1 ? FIRST_PRODUCT_COUNT : OTHER_PRODUCT_COUNT,
        requestId: `seed-${product}`,
      });
    }
  } finally {
    client.close();
  }
}

const [address] = process.argv.slice(2);
if (address === undefined) throw new Error('usage: node seed.js host:port');
await seed(address);
