import { z } from 'zod';

export const demoOptions = z.object({
  nodes: z.number().int().min(1).max(9).default(3),
  /** port of the balancer; 0 takes a free one */
  port: z.number().int().min(0).max(65_535).default(8080),
  /** data folder; the app's own when omitted */
  dataDir: z.string().min(1).max(4096).optional(),
}).strict();
export type DemoOptions = z.infer<typeof demoOptions>;

/** What the button will start: shown before it is pressed. */
export const demoPlan = z.object({
  dataDir: z.string(),
  exists: z.boolean().describe('true when an earlier demo left its data there: the same artifacts will be served'),
  parts: z.array(z.object({
    kind: z.enum(['database', 'node', 'balancer', 'filestore']),
    name: z.string(),
    address: z.string(),
    detail: z.string(),
  })),
  warnings: z.array(z.string()),
});
export type DemoPlan = z.infer<typeof demoPlan>;

export const demoStep = z.enum(['prepare', 'clean-up', 'initdb', 'database', 'migrate', 'nodes', 'balancer', 'ready']);

/** Progress of a start or stop: step n of m, what runs, what comes next. */
export const demoProgress = z.object({
  lifecycle: z.enum(['off', 'starting', 'running', 'stopping', 'failed']),
  step: demoStep.nullable(),
  stepIndex: z.number().int(),
  stepCount: z.number().int(),
  label: z.string(),
  next: z.string().nullable(),
  elapsedMs: z.number(),
  failure: z.object({ code: z.string(), message: z.string(), hint: z.string(), details: z.unknown() }).nullable(),
});
export type DemoProgress = z.infer<typeof demoProgress>;

/** The line of `npm run demo -- --json` and of `bulkhead demo status --json`. */
export const demoDescription = z.object({
  balancer: z.string(),
  nodes: z.array(z.object({ nodeId: z.string(), url: z.string(), pid: z.number().int().nullable() })),
  master: z.object({ nodeId: z.string(), epoch: z.number().int() }).nullable(),
  database: z.object({ host: z.string(), port: z.number().int(), name: z.string() }),
  admin: z.object({ user: z.string(), password: z.string() }),
});
export type DemoDescription = z.infer<typeof demoDescription>;

export const demoNodeAction = z.enum(['kill', 'freeze', 'thaw', 'restart', 'start', 'stop', 'remove']);
export type DemoNodeAction = z.infer<typeof demoNodeAction>;
