import { createConnection } from 'mysql2/promise';

/** Somebody else's transaction that stays open. */
export interface Stranger {
  /** Commits or rolls back, which gives its locks back, and goes away. */
  end(how?: 'COMMIT' | 'ROLLBACK'): Promise<void>;
}

/** Begins a transaction that is none of ours, runs a statement in it, and keeps its locks until it is ended. */
export async function startStranger(url: string, statement: string): Promise<Stranger> {
  const connection = await createConnection({ uri: url });
  await connection.query('START TRANSACTION');
  await connection.query(statement);
  return {
    async end(how = 'ROLLBACK') {
      await connection.query(how);
      await connection.end();
    },
  };
}
