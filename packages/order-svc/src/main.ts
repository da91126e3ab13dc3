import { armFailpoints } from '@txmsg/core';
import { createLogger, loadConfig, runService } from '@txmsg/service';
import { orderContradictions, orderSettings } from './config.js';
import { startOrderSvc } from './start-order-svc.js';

const config = loadConfig(orderSettings, process.env, orderContradictions);
const logger = createLogger('order-svc', config.logLevel);
armFailpoints(config.failpoints, (name) => logger.warn({ failpoint: name }, 'failpoint reached'));

await runService(logger, config.graceMs + 5_000, async (scope) => {
  const { grpcPort, internalPort } = await startOrderSvc(config, scope);
  logger.info({ grpcPort, internalPort }, 'order-svc is up');
});
