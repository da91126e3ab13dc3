import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { createWatermarkReports } from './watermark-reports.js';

it('a time that a participant made up keeps no report of another', async () => {
  const absurd = { $typeName: 'google.protobuf.Timestamp', seconds: 2n ** 62n, nanos: -1 } as const;
  const right = { $typeName: 'google.protobuf.Timestamp', seconds: 1_700_000_000n, nanos: 0 } as const;
  const reported: string[] = [];
  const report = async (participant: string, { seconds }: { seconds: bigint }) => {
    if (seconds === absurd.seconds) throw new Error('refused');
    reported.push(participant);
  };
  const watermarks = createWatermarkReports(report, 10, pino({ level: 'silent' }));
  watermarks.observe('absurd', absurd);
  watermarks.observe('right', right);
  const stop = new AbortController();
  const running = watermarks.run(stop.signal);
  await vi.waitFor(() => expect(reported).toEqual(['right']));
  stop.abort();
  await running;
});
