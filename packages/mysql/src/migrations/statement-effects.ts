/** What a statement leaves behind. When all of it is there, the statement has been executed. */
export type Effect =
  | { readonly kind: 'TABLE'; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: 'COLUMN'; readonly table: string; readonly name: string }
  | { readonly kind: 'INDEX'; readonly table: string; readonly name: string; readonly columns: string }
  | { readonly kind: 'CONSTRAINT'; readonly table: string; readonly name: string }
  | { readonly kind: 'NO_TABLE'; readonly table: string }
  | {
      readonly kind: 'NO_COLUMN' | 'NO_INDEX' | 'NO_CONSTRAINT';
      readonly table: string;
      readonly name: string;
    };

/**
 * The kind of a statement, and the effects of one that defines something. `REPEATABLE` may run twice. `DATA` changes
 * rows and runs in a transaction; when its one row exists already, an earlier run inserted it.
 */
export type StatementKind =
  | { readonly kind: 'DEFINITION'; readonly table: string; readonly effects: readonly Effect[] }
  | { readonly kind: 'REPEATABLE'; readonly table: string }
  | { readonly kind: 'DATA'; readonly insertsOneRow: boolean };

const NAME = '`([^`]+)`';

/** Understands the statements that drizzle-kit writes, and the like. Undefined for any other. */
export function statementKind(text: string): StatementKind | undefined {
  const statement = text
    .replace(/^\s*--.*$/gm, '')
    .trim()
    .replace(/;\s*$/, '');
  if (/^(INSERT|UPDATE|DELETE)\s/i.test(statement))
    return { kind: 'DATA', insertsOneRow: insertsOneRow(statement) };
  return createTable(statement) ?? createIndex(statement) ?? dropped(statement) ?? alterTable(statement);
}

function insertsOneRow(statement: string): boolean {
  const [, rows] = match(statement, '^INSERT[\\s\\S]*?\\)\\s*VALUES\\s*(\\([\\s\\S]*\\))$');
  return rows !== undefined && clauses(rows).length === 1;
}

function createTable(statement: string): StatementKind | undefined {
  const [, table, body] = match(statement, `^CREATE TABLE ${NAME}\\s*\\(([\\s\\S]*)\\)[^)]*$`);
  if (table === undefined || body === undefined) return undefined;
  const columns = clauses(body).flatMap((clause) => match(clause, `^${NAME}`)[1] ?? []);
  return definition(table, { kind: 'TABLE', table, columns });
}

function createIndex(statement: string): StatementKind | undefined {
  const [, name, table, columns] = match(
    statement,
    `^CREATE (?:UNIQUE )?INDEX ${NAME} ON ${NAME}\\s*\\((.*)\\)`,
  );
  if (name === undefined || table === undefined || columns === undefined) return undefined;
  return definition(table, { kind: 'INDEX', table, name, columns: columnNames(columns) });
}

function dropped(statement: string): StatementKind | undefined {
  const [, dropTable] = match(statement, `^DROP TABLE ${NAME}$`);
  if (dropTable !== undefined) return definition(dropTable, { kind: 'NO_TABLE', table: dropTable });
  const [, name, table] = match(statement, `^DROP INDEX ${NAME} ON ${NAME}`);
  if (name === undefined || table === undefined) return undefined;
  return definition(table, { kind: 'NO_INDEX', table, name });
}

/** The server executes an ALTER TABLE as a whole or not at all. */
function alterTable(statement: string): StatementKind | undefined {
  const [, table, body] = match(statement, `^ALTER TABLE ${NAME}\\s+([\\s\\S]+)$`);
  if (table === undefined || body === undefined) return undefined;
  const effects: Effect[] = [];
  for (const clause of clauses(body)) {
    const found = clauseEffects(table, clause);
    if (found === undefined) return undefined;
    effects.push(...found);
  }
  const added = new Set(effects.flatMap((effect) => (effect.kind === 'INDEX' ? effect.name : [])));
  const lasting = effects.filter((effect) => !(effect.kind === 'NO_INDEX' && added.has(effect.name)));
  return lasting.length === 0
    ? { kind: 'REPEATABLE', table }
    : { kind: 'DEFINITION', table, effects: lasting };
}

/** What one clause of an ALTER TABLE leaves behind. Undefined for a clause that isn't understood. */
function clauseEffects(table: string, clause: string): readonly Effect[] | undefined {
  if (/^(MODIFY|ALGORITHM|LOCK|ENGINE|CONVERT TO|DEFAULT CHARSET|COMMENT)\b/i.test(clause)) return [];
  const [, index, columns] = match(clause, `^ADD (?:UNIQUE )?(?:INDEX|KEY) ${NAME}\\s*\\((.*)\\)`);
  if (index !== undefined && columns !== undefined)
    return [{ kind: 'INDEX', table, name: index, columns: columnNames(columns) }];
  const [, primary] = match(clause, `^ADD (?:CONSTRAINT ${NAME} )?PRIMARY KEY\\s*\\((.*)\\)`).slice(1);
  if (primary !== undefined)
    return [{ kind: 'INDEX', table, name: 'PRIMARY', columns: columnNames(primary) }];
  if (/^DROP PRIMARY KEY/i.test(clause)) return [{ kind: 'NO_INDEX', table, name: 'PRIMARY' }];
  const [, from, to] = match(clause, `^RENAME COLUMN ${NAME} TO ${NAME}`);
  if (from !== undefined && to !== undefined)
    return [
      { kind: 'NO_COLUMN', table, name: from },
      { kind: 'COLUMN', table, name: to },
    ];
  for (const [kind, pattern] of SIMPLE) {
    const [, name] = match(clause, pattern);
    if (name !== undefined) return [{ kind, table, name }];
  }
  return undefined;
}

const SIMPLE = [
  ['CONSTRAINT', `^ADD CONSTRAINT ${NAME}`],
  ['NO_CONSTRAINT', `^DROP (?:CONSTRAINT|CHECK|FOREIGN KEY) ${NAME}`],
  ['NO_INDEX', `^DROP (?:INDEX|KEY) ${NAME}`],
  ['COLUMN', `^ADD (?:COLUMN )?${NAME}`],
  ['NO_COLUMN', `^DROP (?:COLUMN )?${NAME}`],
] as const;

function definition(table: string, effect: Effect): StatementKind {
  return { kind: 'DEFINITION', table, effects: [effect] };
}

function match(text: string, pattern: string): readonly (string | undefined)[] {
  return new RegExp(pattern, 'i').exec(text) ?? [];
}

/** `a`,`b` as a,b: the columns of an index as the server lists them. */
function columnNames(list: string): string {
  return [...list.matchAll(new RegExp(NAME, 'g'))].map(([, name]) => name).join(',');
}

/** The parts between the commas outside of parentheses and quotes. */
function clauses(body: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let begin = 0;
  for (const { 0: token, index } of body.matchAll(/'(?:[^'\\]|''|\\.)*'|`[^`]*`|[(),]/g)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else if (token === ',' && depth === 0) {
      found.push(body.slice(begin, index).trim());
      begin = index + 1;
    }
  }
  return [...found, body.slice(begin).trim()];
}
