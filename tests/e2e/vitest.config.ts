import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts'],
    globalSetup: ['@txmsg/stack/testing/shared-database', '@txmsg/stack/testing/shared-broker'],
    // Each file runs several processes of its own.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000, interval: 50 } },
    reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
  },
});
