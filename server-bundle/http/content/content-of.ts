import type { Session } from '../../cluster/ports.ts';
import type { NodeContext } from '../../node/context.ts';
import { perSession } from '../../node/per-session.ts';
import { BlobMemory } from '../../repositories/blob-memory.ts';
import { addressesBelow, type Content } from '../../repositories/content.ts';
import { DownloadCounts } from '../../repositories/downloads/download-counts.ts';
import { Upstreams } from '../../repositories/upstream/upstreams.ts';

const made = new WeakMap<NodeContext, () => Content>();

/**
 * What the content routes of one node share. Each call gives the present incarnation's; the memory of small blobs outlives
 * incarnations, as bytes never change under their digest.
 */
export function contentOf(context: NodeContext): () => Content {
  let present = made.get(context);
  if (present === undefined) {
    const { config, filestore, log, runtime, clusterKeys } = context;
    const memory = new BlobMemory(config.cache.blobBytes, config.cache.blobMaxBytes);
    const addresses = addressesBelow(config.baseUrl);
    const downloads = new DownloadCounts(() => runtime.session().db, log);
    const of = perSession((session: Session): Content => ({
      session, filestore, memory, downloads, addresses, log, clusterKeys, upstreams: new Upstreams(clusterKeys, session.signal),
    }));
    present = () => of(runtime.session());
    made.set(context, present);
  }
  return present;
}
