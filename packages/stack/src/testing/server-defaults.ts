/** Server defaults that an administrator has chosen, and the character set of the databases that are created there. */
export interface ServerDefaults {
  readonly args: readonly string[];
  readonly characterSet: string;
}

/**
 * Servers with defaults other than ours, by name. Whatever we do must work there, or be refused before anything is
 * lost.
 */
export const serverDefaults: readonly (readonly [name: string, defaults: ServerDefaults])[] = [
  ['autocommit off', { args: ['--autocommit=0'], characterSet: 'utf8mb4' }],
  ['COMMIT chained', { args: ['--completion-type=CHAIN'], characterSet: 'utf8mb4' }],
  [
    'read-only, serializable transactions',
    { args: ['--transaction-read-only=ON', '--transaction-isolation=SERIALIZABLE'], characterSet: 'utf8mb4' },
  ],
  ['tables of Aria', { args: ['--default-storage-engine=Aria'], characterSet: 'utf8mb4' }],
  ['tables of MyISAM', { args: ['--default-storage-engine=MyISAM'], characterSet: 'utf8mb4' }],
  [
    'a log of statements',
    { args: ['--log-bin', '--server-id=1', '--binlog-format=STATEMENT'], characterSet: 'utf8mb4' },
  ],
  [
    'latin1, whatever clients say',
    {
      args: ['--character-set-server=latin1', '--skip-character-set-client-handshake'],
      characterSet: 'latin1',
    },
  ],
  ['utf8mb3', { args: ['--character-set-server=utf8mb3'], characterSet: 'utf8mb3' }],
  [
    'ANSI_QUOTES',
    { args: ['--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'], characterSet: 'utf8mb4' },
  ],
  ['no SQL mode', { args: ['--sql-mode='], characterSet: 'utf8mb4' }],
  ["Oracle's SQL", { args: ['--sql-mode=ORACLE'], characterSet: 'utf8mb4' }],
  ['names in small letters', { args: ['--lower-case-table-names=1'], characterSet: 'utf8mb4' }],
  [
    'a time zone in the east, and short waits',
    {
      args: [
        '--default-time-zone=+05:30',
        '--wait-timeout=1',
        '--idle-write-transaction-timeout=1',
        '--innodb-rollback-on-timeout=ON',
      ],
      characterSet: 'utf8mb4',
    },
  ],
  ['a time zone in the west', { args: ['--default-time-zone=-08:00'], characterSet: 'utf8mb4' }],
];
