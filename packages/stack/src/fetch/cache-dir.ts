import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder for all downloads: TXMSG_CACHE_DIR, otherwise `txmsg` in the user's cache folder. */
export function cacheDir(env: NodeJS.ProcessEnv): string {
  return env.TXMSG_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'txmsg');
}
