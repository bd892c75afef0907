import { z } from 'zod';
import { lanCluster } from './lan.ts';
import { command, inCluster, none, query, stream } from './operation.ts';
import { clusterSecrets, copyPassphrase, keyCopy, rotatedSecret, rotationProgress } from './rotation.ts';

/** New secrets for a cluster on hosts, while it serves; a copy of its key. */
export const rotationOperations = {
  /** what can be replaced, what was left half done, how old the copy of the key is; no secret, and no host is asked */
  'clusters.secrets': query(inCluster, clusterSecrets),
  /**
   * Makes a new secret and gives it to every node without a restart. What was interrupted is finished by running it again.
   * `resumed`: it went on with one that was under way.
   */
  'clusters.rotate': command(inCluster.extend({ what: rotatedSecret }), z.object({ nodes: z.array(z.string()), resumed: z.boolean() })),
  /** what rotations of this program do, as it happens */
  'clusters.rotation': stream(none, rotationProgress),
  /** a copy of the cluster key under a passphrase; written down in the journal */
  'clusters.copyKey': command(inCluster.extend({ passphrase: copyPassphrase }), keyCopy),
  /** gives the key of such a copy to a cluster that has no nodes yet. Throws ARGUMENT_INVALID for another file, CREDENTIALS_INVALID for another passphrase, HOST_IN_USE when there are nodes. */
  'clusters.restoreKey': command(inCluster.extend({ text: z.string().max(20_000), passphrase: z.string().min(1).max(1024) }), lanCluster),
} as const;
