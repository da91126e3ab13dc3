// Writes docs/configuration.md and .env.example from the services' tables of settings, so the tables are the only
// source.
// Run after a build: `pnpm generate`.
import { writeFileSync } from 'node:fs';
import { orderSettings } from '../packages/order-svc/dist/config.js';
import { relaySettings } from '../packages/relay/dist/config.js';
import { stockSettings } from '../packages/stock-svc/dist/config.js';

const SERVICES = [
  ['order-svc', orderSettings],
  ['relay', relaySettings],
  ['stock-svc', stockSettings],
];

/** Settings of the commands that run the local stack and the tests; no service has a table of them. */
const COMMANDS = [
  ['TXMSG_HOME', '.txmsg', 'Folder of the local stack: data, logs, state'],
  ['TXMSG_CACHE_DIR', '~/.cache/txmsg', 'Where downloads are kept'],
  ['TXMSG_MAVEN_MIRROR', '', 'Base URL of a Maven mirror, instead of the default repository'],
  ['TXMSG_JAVA', '', 'A Java 11+ program to use, instead of searching for one'],
  ['TXMSG_MYSQLD', '', 'A MariaDB 10.6+ or MySQL 8+ server program to use, instead of searching for one'],
  ['TXMSG_NAMESRV_ADDR', '', 'Name server of TXMSG_ROCKETMQ_ENDPOINTS; only shown by `npm run status`'],
];

/** One row per variable, also when several services read it. */
function rows() {
  const byEnv = new Map();
  for (const [service, settings] of SERVICES) {
    for (const setting of Object.values(settings)) {
      const row = byEnv.get(setting.env) ?? { ...setting, services: [] };
      row.services.push(service);
      // When several services read a setting, the longest description counts.
      if (setting.description.length > row.description.length) row.description = setting.description;
      byEnv.set(setting.env, row);
    }
  }
  return [...byEnv.values()].sort((a, b) => a.env.localeCompare(b.env));
}

const cell = (text) => text.replaceAll('|', '\\|');

function markdown() {
  const head = [
    '# Configuration',
    '',
    'Every setting is an environment variable with a default that works for the local stack. At its start a service checks',
    'all of its settings and reports every fault at once. Durations are written as `250ms`, `30s`, `5m`, `2h`, `7d`.',
    '',
    "`pnpm generate` writes this page and `.env.example` from the services' tables of settings.",
    '',
    '## Services',
    '',
    '| variable | default | read by | meaning |',
    '| --- | --- | --- | --- |',
  ];
  const services = rows().map(
    (row) =>
      `| \`${row.env}\` | ${row.default === '' ? '' : `\`${cell(row.default)}\``} | ${row.services.join(', ')} | ${cell(row.description)} |`,
  );
  const commands = COMMANDS.map(
    ([env, value, meaning]) => `| \`${env}\` | ${value && `\`${value}\``} | ${meaning} |`,
  );
  return [
    ...head,
    ...services,
    '',
    '## Commands',
    '',
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...commands,
    '',
  ].join('\n');
}

function envExample() {
  const head = [
    '# Every setting with its default; see docs/configuration.md. Written by `pnpm generate`.',
    '',
  ];
  return [
    ...head,
    ...rows().flatMap((row) => [
      `# ${row.description} (${row.services.join(', ')})`,
      `#${row.env}=${row.default}`,
      '',
    ]),
  ].join('\n');
}

const root = new URL('..', import.meta.url);
writeFileSync(new URL('docs/configuration.md', root), markdown());
writeFileSync(new URL('.env.example', root), envExample());
