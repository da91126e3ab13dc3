import { StackError } from '../errors.js';
import { existingStack } from '../stack/context.js';
import { migrate } from '../stack/migrate.js';
import { stackAddresses } from '../stack/services.js';
import { sayToStdout } from './report.js';

/** Brings the databases of the running stack, or those that the variables name, to the newest schema. */
export async function migrateCommand(env: NodeJS.ProcessEnv): Promise<void> {
  const stack = existingStack(env, sayToStdout);
  const { TXMSG_ORDER_DB_URL: orderDbUrl, TXMSG_STOCK_DB_URL: stockDbUrl } = env;
  if (orderDbUrl && stockDbUrl) {
    await migrate({ orderDbUrl, stockDbUrl }, env);
  } else if (stack?.parts.some((part) => part.running)) {
    await migrate(stackAddresses(stack.state), env);
  } else {
    throw new StackError(
      'USAGE',
      'no stack runs: start one, or set TXMSG_ORDER_DB_URL and TXMSG_STOCK_DB_URL',
    );
  }
  sayToStdout('both databases have the newest schema');
}
