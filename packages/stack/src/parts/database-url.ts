/** The account that everything here uses. The server listens on 127.0.0.1 only. */
export const databaseUser = { name: 'txmsg', password: 'txmsg' } as const;

/** A MySQL connection URL for a database of a server on this machine. */
export function databaseUrl(port: number, database: string): string {
  return `mysql://${databaseUser.name}:${databaseUser.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}
