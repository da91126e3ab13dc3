import { fileURLToPath } from 'node:url';
import { migrateDatabase } from '@txmsg/mysql';
import { loadConfig } from '@txmsg/service';
import { orderSettings } from './config.js';

const { dbUrl } = loadConfig({ dbUrl: orderSettings.dbUrl }, process.env);
await migrateDatabase(dbUrl, fileURLToPath(new URL('../drizzle', import.meta.url)));
