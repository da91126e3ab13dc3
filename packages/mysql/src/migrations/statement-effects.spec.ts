import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { statementKind } from './statement-effects.js';

describe('statementKind', () => {
  it.each([
    [
      "CREATE TABLE `t` (\n `a` int, `b` enum('x,(','y'),\n CONSTRAINT `t_a` PRIMARY KEY(`a`)) ENGINE=InnoDB",
      't',
      [{ kind: 'TABLE', table: 't', columns: ['a', 'b'] }],
    ],
    [
      'CREATE UNIQUE INDEX `i` ON `t` (`a`,`b`);',
      't',
      [{ kind: 'INDEX', table: 't', name: 'i', columns: 'a,b' }],
    ],
    ['DROP INDEX `i` ON `t`', 't', [{ kind: 'NO_INDEX', table: 't', name: 'i' }]],
    ['DROP TABLE `t`;', 't', [{ kind: 'NO_TABLE', table: 't' }]],
    [
      "ALTER TABLE `t` ADD `c` varchar(9) DEFAULT 'a,b' NOT NULL;",
      't',
      [{ kind: 'COLUMN', table: 't', name: 'c' }],
    ],
    ['ALTER TABLE `t` DROP COLUMN `c`', 't', [{ kind: 'NO_COLUMN', table: 't', name: 'c' }]],
    [
      'ALTER TABLE `t` RENAME COLUMN `a` TO `b`',
      't',
      [
        { kind: 'NO_COLUMN', table: 't', name: 'a' },
        { kind: 'COLUMN', table: 't', name: 'b' },
      ],
    ],
    ['ALTER TABLE `t` ADD CONSTRAINT `u` UNIQUE(`a`)', 't', [{ kind: 'CONSTRAINT', table: 't', name: 'u' }]],
    ['ALTER TABLE `t` DROP CONSTRAINT `u`', 't', [{ kind: 'NO_CONSTRAINT', table: 't', name: 'u' }]],
    [
      'ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`a`,`b`)',
      't',
      [{ kind: 'INDEX', table: 't', name: 'PRIMARY', columns: 'a,b' }],
    ],
    [
      '-- why.\nALTER TABLE `t` DROP INDEX `i`, DROP INDEX `j`, ADD INDEX `i` (`a`,`b`), ALGORITHM=INPLACE, LOCK=NONE;',
      't',
      [
        { kind: 'NO_INDEX', table: 't', name: 'j' },
        { kind: 'INDEX', table: 't', name: 'i', columns: 'a,b' },
      ],
    ],
  ])('understands %s', (statement, table, effects) => {
    expect(statementKind(statement)).toEqual({ kind: 'DEFINITION', table, effects });
  });

  it.each([
    ["INSERT INTO `t` (`a`) VALUES ('CREATE TABLE')", { kind: 'DATA', insertsOneRow: true }],
    ["INSERT INTO `t` (`a`, `b`) VALUES (1, 'x'), (2, 'y');", { kind: 'DATA', insertsOneRow: false }],
    ['INSERT INTO `t` (`a`) SELECT `a` FROM `u`', { kind: 'DATA', insertsOneRow: false }],
    ['UPDATE `t` SET `a` = 1', { kind: 'DATA', insertsOneRow: false }],
    ['ALTER TABLE `t` MODIFY COLUMN `a` varchar(10) NOT NULL', { kind: 'REPEATABLE', table: 't' }],
    ['ALTER TABLE `t` ENGINE=InnoDB', { kind: 'REPEATABLE', table: 't' }],
    ['RENAME TABLE `a` TO `b`', undefined],
    ['ALTER TABLE `t` ADD `a` int, SOMETHING ELSE', undefined],
  ])('tells the kind of %s', (statement, kind) => {
    expect(statementKind(statement)).toEqual(kind);
  });
});

const folders = ['order-svc', 'stock-svc'].map((name) =>
  fileURLToPath(new URL(`../../../${name}/drizzle/`, import.meta.url)),
);
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => folder + name),
);

describe.each(files)('%s', (file) => {
  const statements = readFileSync(file, 'utf8').split('--> statement-breakpoint');

  it('has only statements that can be run again after an interruption', () => {
    expect(statements.filter((statement) => statementKind(statement) === undefined)).toEqual([]);
  });

  it('names the engine and the character set of each table that it makes', () => {
    const tables = statements.filter((statement) => statement.includes('CREATE TABLE'));
    const wrong = tables.filter(
      (table) => !/\) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;\s*$/.test(table),
    );
    expect(wrong).toEqual([]);
  });
});
