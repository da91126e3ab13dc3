import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder for everything that is downloaded: TXMSG_CACHE_DIR, else `txmsg` in the user's cache folder. */
export function cacheDir(env: NodeJS.ProcessEnv): string {
  return env.TXMSG_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'txmsg');
}
