import { serveJobs } from '../load/serve-jobs.js';
import type { LimitJobs } from './jobs.js';
import { runHalfMessages } from './run-half-messages.js';
import { runPlainGroups } from './run-plain-groups.js';

serveJobs<LimitJobs>({ 'plain-groups': runPlainGroups, 'half-messages': runHalfMessages });
