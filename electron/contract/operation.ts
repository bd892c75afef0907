import { z } from 'zod';

export const none = z.object({}).strict();
export const done = z.object({});
export const inCluster = z.object({ clusterId: z.string() }).strict();
export const atNode = z.object({ clusterId: z.string(), nodeId: z.string() }).strict();
export const atHost = z.object({ hostId: z.string() }).strict();

/** Asks and changes nothing. */
export const query = <A extends z.ZodType, R extends z.ZodType>(args: A, result: R) => ({ kind: 'query', args, result }) as const;
/** Changes something; cancellable; recorded in the journal. */
export const command = <A extends z.ZodType, R extends z.ZodType>(args: A, result: R) => ({ kind: 'command', args, result }) as const;
/** Keeps sending until unsubscribed. */
export const stream = <A extends z.ZodType, R extends z.ZodType>(args: A, item: R) => ({ kind: 'stream', args, result: item }) as const;
