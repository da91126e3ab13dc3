import type { LoadJobs } from './jobs.js';
import { runBulk } from './run-bulk.js';
import { runLatency } from './run-latency.js';
import { runUnary } from './run-unary.js';
import { serveJobs } from './serve-jobs.js';

serveJobs<LoadJobs>({ unary: runUnary, bulk: runBulk, latency: runLatency });
