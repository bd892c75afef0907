import { z } from 'zod';

export const logLine = z.object({
  at: z.number(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  /** request, cluster, task, … */
  topic: z.string(),
  text: z.string(),
});
export type LogLine = z.infer<typeof logLine>;
/** Sent in batches; the first one holds up to 200 earlier lines. `reset` empties what is shown. */
export const logBatch = z.object({ reset: z.boolean(), lines: z.array(logLine) });
