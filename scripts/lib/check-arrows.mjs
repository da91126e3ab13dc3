// Shows that the lint rule for imports between packages works. It lints files with forbidden imports and with allowed
// ones, in a temporary folder with this repository's configuration.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runQuietly } from './run.mjs';
import { repoRoot } from './setup.mjs';

const BIOME = join(repoRoot, 'node_modules/@biomejs/biome/bin/biome');
const RULES = ['style/noRestrictedImports', 'suspicious/noImportCycles'];

/** A file, and what it imports. */
const WRONG = [
  ['packages/core/src/a.ts', '@txmsg/contracts/order'],
  ['packages/contracts/src/a.ts', '@txmsg/grpc'],
  ['packages/mysql/src/a.ts', '@txmsg/service'],
  ['packages/rocketmq/src/a.ts', '@txmsg/contracts/message'],
  ['packages/grpc/src/a.ts', '@txmsg/service'],
  ['packages/service/src/a.ts', '@txmsg/mysql'],
  ['packages/outbox/src/a.ts', '@txmsg/inbox'],
  ['packages/inbox/src/a.ts', '@txmsg/outbox'],
  ['packages/relay/src/a.ts', '@txmsg/mysql/drizzle'],
  ['packages/relay/src/b.ts', '@txmsg/outbox'],
  ['packages/order-svc/src/a.ts', '@txmsg/stock-svc/config'],
  ['packages/stock-svc/src/a.ts', '@txmsg/relay/config'],
  ['packages/order-svc/src/b.ts', '@txmsg/stack/descriptor'],
  ['packages/stock-svc/src/descriptor.ts', '@txmsg/stack/testing'],
  ['packages/stack/src/a.ts', '@txmsg/order-svc/descriptor'],
  ['packages/cli/src/a.ts', '@txmsg/order-svc/config'],
  ['packages/grpc/src/a.spec.ts', '@txmsg/order-svc/codecs'],
  ['packages/order-svc/src/domain/a.ts', '@txmsg/mysql'],
  ['packages/order-svc/src/domain/b.ts', 'mysql2/promise'],
  ['packages/stock-svc/src/domain/a.ts', 'drizzle-orm/mysql-core'],
  ['packages/stock-svc/src/domain/b.ts', '@txmsg/rocketmq'],
  ['packages/relay/src/domain/a.ts', '@grpc/grpc-js'],
  ['packages/relay/src/domain/b.ts', '@txmsg/contracts'],
  ['packages/core/src/cycle-a.ts', './cycle-b.js'],
  ['packages/core/src/cycle-b.ts', './cycle-a.js'],
];
const RIGHT = [
  ['packages/core/src/right.ts', 'node:net'],
  ['packages/mysql/src/right.ts', '@txmsg/core'],
  ['packages/mysql/src/right.spec.ts', '@txmsg/stack/testing'],
  ['packages/grpc/src/right.ts', '@txmsg/contracts/google-rpc'],
  ['packages/outbox/src/right.ts', '@txmsg/mysql/drizzle'],
  ['packages/relay/src/right.ts', '@txmsg/rocketmq'],
  ['packages/order-svc/src/right.ts', '@txmsg/outbox'],
  ['packages/order-svc/src/domain/right.ts', '@txmsg/contracts/order'],
  ['packages/order-svc/src/descriptor.ts', '@txmsg/stack/descriptor'],
  ['packages/stack/src/right.ts', '@txmsg/core'],
  ['tests/testbed/src/right.ts', '@txmsg/relay/config'],
];

/** Resolves to 0 when the linter reports each wrong import and no right one, otherwise to 1. Says which went wrong. */
export async function checkArrows() {
  const folder = mkdtempSync(join(tmpdir(), 'txmsg-arrows-'));
  try {
    writeTree(folder);
    const told = await lintedFiles(folder);
    const missed = WRONG.filter(([file]) => !told.has(file)).map((arrow) => ['passes', ...arrow]);
    const refused = RIGHT.filter(([file]) => told.has(file)).map((arrow) => ['is refused', ...arrow]);
    for (const [fault, file, module] of [...missed, ...refused])
      process.stderr.write(`arrows: ${fault}: ${file} importing ${module}\n`);
    return missed.length + refused.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeTree(folder) {
  const configuration = JSON.parse(readFileSync(join(repoRoot, 'biome.json'), 'utf8'));
  configuration.vcs = { enabled: false };
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(configuration));
  for (const [file, module] of [...WRONG, ...RIGHT]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `import type { A } from '${module}';\nexport type B = A;\n`);
  }
}

async function lintedFiles(folder) {
  const args = [
    BIOME,
    'lint',
    '--reporter=json',
    '--max-diagnostics=none',
    ...RULES.map((rule) => `--only=${rule}`),
  ];
  const { output } = await runQuietly(process.execPath, args, { cwd: folder });
  const report = output.split('\n').find((line) => line.startsWith('{'));
  if (report === undefined) throw new Error(`no report of the linter:\n${output}`);
  return new Set(JSON.parse(report).diagnostics.map(({ location }) => location.path?.file ?? location.path));
}
