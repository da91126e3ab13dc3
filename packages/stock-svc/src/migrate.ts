import { fileURLToPath } from 'node:url';
import { migrateDatabase, migrationFailure } from '@txmsg/mysql';
import { loadConfig } from '@txmsg/service';
import { stockSettings } from './config.js';

const { dbUrl } = loadConfig({ dbUrl: stockSettings.dbUrl }, process.env);
try {
  await migrateDatabase(dbUrl, fileURLToPath(new URL('../drizzle', import.meta.url)));
} catch (error) {
  process.stderr.write(`${migrationFailure(error)}\n`);
  process.exitCode = 1;
}
