import { armFailpoints } from '@txmsg/core';
import { createLogger, loadConfig, runService } from '@txmsg/service';
import { stockContradictions, stockSettings } from './config.js';
import { startStockService } from './start-stock-svc.js';

const config = loadConfig(stockSettings, process.env, stockContradictions);
const logger = createLogger('stock-svc', config.logLevel);
armFailpoints(config.failpoints, (name) => logger.warn({ failpoint: name }, 'failpoint reached'));

await runService(
  logger,
  config.graceMs + 5_000,
  async (scope) => void (await startStockService(config, scope)),
);
