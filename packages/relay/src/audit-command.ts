import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { RelayAdminService } from '@txmsg/contracts';
import { type AuditSummary, DifferenceKind } from '@txmsg/contracts/relay-admin';
import { createGrpcClient } from '@txmsg/grpc';
import { endpoints, loadConfig } from '@txmsg/service';

/** `npm run audit -- [--from TIME] [--to TIME]`: prints each difference; exits with 1 when there is one. */

const USAGE = 'usage: npm run audit -- [--from 2026-01-31T00:00:00Z] [--to 2026-02-01T00:00:00Z]';
const TIMEOUT_MS = 60 * 60_000;

const settings = {
  relayAddresses: endpoints({
    env: 'TXMSG_RELAY_ADDRESSES',
    default: '127.0.0.1:7070',
    description: 'Relays',
  }),
};

/** Reads `--from` and `--to`; throws the usage for anything else. */
function parseRange(args: readonly string[]): { from?: Date; to?: Date } {
  const range: { from?: Date; to?: Date } = {};
  const rest = args.filter((arg) => arg !== '--');
  for (let index = 0; index < rest.length; index += 2) {
    const time = new Date(rest[index + 1] ?? '');
    const name = rest[index];
    if ((name !== '--from' && name !== '--to') || Number.isNaN(time.getTime())) throw new Error(USAGE);
    range[name === '--from' ? 'from' : 'to'] = time;
  }
  return range;
}

async function audit(): Promise<AuditSummary | undefined> {
  const { from, to } = parseRange(process.argv.slice(2));
  const [address = ''] = loadConfig(settings, process.env).relayAddresses;
  const client = createGrpcClient(RelayAdminService, address);
  try {
    const request = {
      ...(from ? { fromTime: timestampFromDate(from) } : {}),
      ...(to ? { toTime: timestampFromDate(to) } : {}),
    };
    for await (const { item } of client.runAudit(request, { timeoutMs: TIMEOUT_MS })) {
      if (item.case === 'summary') return item.value;
      if (item.case !== 'difference') continue;
      const { kind, subject, atParticipant, atConsumer } = item.value;
      console.log(
        `${DifferenceKind[kind]}  ${subject}  participant: ${atParticipant || '-'}  consumer: ${atConsumer || '-'}`,
      );
    }
    return undefined;
  } finally {
    client.close();
  }
}

try {
  const summary = await audit();
  if (!summary) throw new Error('the audit ended without a summary');
  const { transactions, pending, accounts, differences } = summary;
  console.log(
    `${transactions} transactions (${pending} pending) and ${accounts} accounts compared: ${differences} differences`,
  );
  process.exitCode = differences > 0n ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
