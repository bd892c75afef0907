import { sealSecret, unsealSecret, type SealedText } from '../../security/sealed-secret.ts';

const purpose = 'bulkhead webhook secret 1';

/** A webhook's secret as the database keeps it. */
export function seal(clusterKey: Buffer, webhookId: string, secret: string): SealedText {
  return sealSecret(clusterKey, purpose, webhookId, secret);
}

/** The secret, by whichever of the cluster's keys it was sealed with; null when it is none of them, or was tampered with. */
export function unseal(clusterKeys: readonly Buffer[], webhookId: string, text: string): string | null {
  return unsealSecret(clusterKeys, purpose, webhookId, text);
}
