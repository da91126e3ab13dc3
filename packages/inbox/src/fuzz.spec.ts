import { targetTests } from '@txmsg/fuzz';
import { describe, it } from 'vitest';

/** A target may share two cores with everything else. */
const TIMEOUT_MS = 120_000;

describe('fuzz targets', () => {
  for (const { name, run } of targetTests(new URL('../', import.meta.url))) it(name, run, TIMEOUT_MS);
});
