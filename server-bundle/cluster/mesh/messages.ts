import { z } from 'zod';
import { kindFeature, laterKinds } from '../cache-keys.ts';

const number = z.number().int().nonnegative();
const keys = z.array(z.string().max(4096)).max(200_000);

/** One active change of a writer: what readers must not answer from their caches meanwhile. */
export const hold = z.object({ number, keys, prefixes: keys });
export type Hold = z.infer<typeof hold>;

/**
 * What members tell each other. The sender is the incarnation at the other end of the link. A later version may add fields, and kinds
 * of messages: fields that are not known are left out, kinds that are not known are skipped, so whoever needs an answer to one sends it
 * only to members whose hello names the feature.
 */
export const meshMessage = z.discriminatedUnion('t', [
  /** writer → caching member: drop these keys and answer them from the database from now on */
  z.object({ t: z.literal('prepare'), ...hold.shape }),
  /** … and the acknowledgement */
  z.object({ t: z.literal('prepared'), number }),
  /** writer → everybody: the change is over */
  z.object({ t: z.literal('release'), number }),
  /** first message on a new link, both ways: all active changes of the sender; older ones are over */
  z.object({ t: z.literal('holds'), holds: z.array(hold) }),
  z.object({ t: z.literal('holds-taken'), numbers: z.array(number) }),
  /** somebody who wants the caching right → every member */
  z.object({ t: z.literal('barrier'), right: number }),
  /** the member counts the asker among its caching members; its active changes, which the asker has to respect */
  z.object({ t: z.literal('passed'), right: number, holds: z.array(hold) }),
  /** a starting node → every caching member, before it takes writes */
  z.object({ t: z.literal('admit') }),
  /** the right that the member holds or is about to get; null: none */
  z.object({ t: z.literal('admitted'), right: number.nullable() }),
  /** the sender has stopped to answer from its cache, and given this right back */
  z.object({ t: z.literal('right-dropped'), right: number }),
  /** the master lets the lease go */
  z.object({ t: z.literal('lease-released'), epoch: number, leaseId: z.uuid(), to: z.string().nullable() }),
  /** somebody took the lease */
  z.object({ t: z.literal('master'), nodeId: z.string(), incarnation: z.uuid(), epoch: number, leaseId: z.uuid(), since: z.string() }),
  /** asks the master to hand over */
  z.object({ t: z.literal('hand-over'), id: number, to: z.string().nullable() }),
  z.object({ t: z.literal('hand-over-answer'), id: number, failure: z.string().nullable() }),
  /** something in the database has changed that others should look at before their next heartbeat */
  z.object({ t: z.literal('look') }),
]);
export type MeshMessage = z.infer<typeof meshMessage>;

const kinds: ReadonlySet<string> = new Set(meshMessage.options.map(({ shape }) => shape.t.value));

/** A message of a later version: nothing that this one could act on. */
export const laterMessage = z.object({ t: z.string().refine((kind) => !kinds.has(kind)) });

export function isKnown(message: MeshMessage | z.infer<typeof laterMessage>): message is MeshMessage {
  return kinds.has(message.t);
}

/** What this version can do beyond the first one, by name. */
export const meshFeatures: readonly string[] = laterKinds.map(kindFeature);

/** First messages of a link, before either side has proven itself. */
export const hello = z.object({
  protocol: z.literal(1),
  cluster: z.uuid(),
  incarnation: z.uuid(),
  nodeId: z.string().max(63),
  version: z.string().max(64),
  nonce: z.string().length(64),
  /** incarnation that the dialer means to reach; null from the acceptor */
  to: z.uuid().nullable(),
  /** what the sender can do beyond the first version */
  features: z.array(z.string().max(40)).max(16).default([]),
});
export type Hello = z.infer<typeof hello>;
