import { z } from 'zod';
import { command, done, none, query, stream } from './operation.ts';
import { acceptWarnings, runDetail, runSummary } from './runs.ts';

/** What provisioning and removal have done so far. */
export const runOperations = {
  'runs.list': query(z.object({ limit: z.number().int().min(1).max(500).default(50) }).strict(), z.array(runSummary)),
  'runs.show': query(z.object({ runId: z.string() }).strict(), runDetail),
  /** `acceptWarnings` is added to what was accepted before */
  'runs.resume': command(z.object({ runId: z.string(), acceptWarnings }).strict(), runSummary),
  'runs.rollback': command(z.object({ runId: z.string() }).strict(), runSummary),
  /** stops a run that is under way in this program, whoever has asked for it; what was done stays, to be resumed or rolled back */
  'runs.cancel': command(z.object({ runId: z.string() }).strict(), done),
  /** each change of a run under way in this program */
  'runs.watch': stream(none, runSummary),
} as const;
