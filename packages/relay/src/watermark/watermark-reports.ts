import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { type Logger, sleep } from '@txmsg/core';

/** Brings a participant's watermark to the consumers. Rejects when one of them can't be reached. */
export type ReportWatermark = (participant: string, oldestUnsettledTime: Timestamp) => Promise<void>;

/** Reports each participant's watermark at intervals. */
export interface WatermarkReports {
  /** Takes the newest figure; the next report brings it. */
  observe(participant: string, oldestUnsettledTime: Timestamp): void;
  /** Reports nothing more of a participant until it is observed again. */
  forget(participant: string): void;
  /** Runs until the abort. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Makes WatermarkReports. A report that failed is brought again with the next round, unless a newer one was observed.
 */
export function createWatermarkReports(
  report: ReportWatermark,
  everyMs: number,
  logger: Logger,
): WatermarkReports {
  const observed = new Map<string, Timestamp>();
  let failing = false;
  const reportAll = async () => {
    for (const [participant, time] of [...observed]) {
      try {
        await report(participant, time);
        if (observed.get(participant) === time) observed.delete(participant);
        if (failing) logger.info({ participant }, 'watermarks are taken again');
        failing = false;
      } catch (error) {
        if (!failing) {
          // As it came: a participant may send a time that no Date can hold.
          const oldestUnsettledSeconds = String(time.seconds);
          logger.warn(
            { err: error, participant, oldestUnsettledSeconds },
            'watermark not taken; nothing is purged meanwhile',
          );
        }
        failing = true;
      }
    }
  };
  return {
    observe: (participant, time) => void observed.set(participant, time),
    forget: (participant) => void observed.delete(participant),
    async run(signal) {
      while (!signal.aborted) {
        await sleep(everyMs, signal);
        if (!signal.aborted) await reportAll();
      }
    },
  };
}
