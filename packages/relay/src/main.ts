import { armFailpoints } from '@txmsg/core';
import { createLogger, loadConfig, runService } from '@txmsg/service';
import { relayContradictions, relaySettings } from './config.js';
import { startRelay } from './start-relay.js';

const config = loadConfig(relaySettings, process.env, relayContradictions);
const logger = createLogger('relay', config.logLevel);
armFailpoints(config.failpoints, (name) => logger.warn({ failpoint: name }, 'failpoint reached'));

// Beyond the calls' grace: the loops' last round, and the goodbyes to the broker.
await runService(logger, config.graceMs + 15_000, async (scope) => {
  const { port } = await startRelay(config, scope);
  logger.info({ grpcPort: port }, 'relay is up');
});
