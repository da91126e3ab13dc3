import { fileURLToPath } from 'node:url';
import { migrateDatabase } from '@txmsg/mysql';
import { loadConfig } from '@txmsg/service';
import { stockSettings } from './config.js';

const { dbUrl } = loadConfig({ dbUrl: stockSettings.dbUrl }, process.env);
await migrateDatabase(dbUrl, fileURLToPath(new URL('../drizzle', import.meta.url)));
