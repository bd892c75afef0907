import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { BulkheadError } from '../contract/index.ts';
import { sealSecret, unsealSecret, type SealedText } from '../security/sealed-secret.ts';
import { keyId, type ClusterKeys } from '../security/rotating-secrets.ts';
import type { Repository } from './repository.ts';

const seconds = (standard: number): z.ZodDefault<z.ZodNumber> => z.number().int().min(0).max(365 * 86_400).default(standard);
/** Credentials have fields of their own: in an address they would be shown to everybody who may see the configuration. */
const plainUrl = z.url({ protocol: /^https?$/ }).refine((url) => {
  const parsed = URL.parse(url);
  return parsed === null || (parsed.username === '' && parsed.password === '');
}, 'an address must not hold credentials');

/** Fields of a remote repository's JSON beyond those of every repository, named as Artifactory names them where it has them. */
export const remoteSettings = z.object({
  url: plainUrl,
  username: z.string().max(1000).default(''),
  /** address of the outbound proxy, `http://host:port`; empty: none */
  proxy: plainUrl.or(z.literal('')).default(''),
  /** who this is to the proxy; empty: it wants no login */
  proxyUsername: z.string().max(1000).default(''),
  /** upstream is not asked at all; what is cached is served */
  offline: z.boolean().default(false),
  /** an upstream that fails is an error of the request instead of "not found" */
  hardFail: z.boolean().default(false),
  /** false: what upstream sends is passed on and not kept */
  storeArtifactsLocally: z.boolean().default(true),
  /** silence of upstream, or of the connection to it, after which it counts as failed */
  socketTimeoutMillis: z.number().int().min(100).max(3_600_000).default(15_000),
  /** how long a document is answered without asking upstream again */
  retrievalCachePeriodSecs: seconds(7200),
  /** how long "not found" is answered without asking upstream again */
  missedRetrievalCachePeriodSecs: seconds(1800),
  /** how long upstream is left alone after it could not be reached */
  assumedOfflinePeriodSecs: seconds(300),
  /** connections of each node to upstream at the same time */
  maxConnections: z.number().int().min(1).max(1000).default(32),
  /** PEM; trusted for this upstream beside the usual authorities */
  caCertificates: z.string().max(200_000).default('').refine(areCertificates, 'PEM certificates are needed'),
  /** loopback, link-local and other addresses that are refused otherwise; set by administrators */
  allowPrivateAddresses: z.boolean().default(false),
  /** what counts when upstream has a checksum in a file of its own beside an artifact */
  remoteRepoChecksumPolicyType: z.enum(['generate-if-absent', 'fail', 'ignore-and-generate', 'pass-thru']).default('generate-if-absent'),
});
export type RemoteSettings = z.infer<typeof remoteSettings>;

/** Passwords of a remote repository, each with what its sealed form is bound to: one cannot stand in for the other. */
const purposes = { password: 'bulkhead upstream password 1', proxyPassword: 'bulkhead outbound proxy password 1' } as const;
export type RemotePassword = keyof typeof purposes;
export const remotePasswords = Object.keys(purposes) as readonly RemotePassword[];
type SealedPasswords = Readonly<Partial<Record<RemotePassword, SealedText>>>;

/** As it is stored: passwords only ever sealed. */
export type StoredRemote = RemoteSettings & SealedPasswords;

const read = new WeakMap<object, StoredRemote>();

/** What is stored of a remote repository's class. @throws INTERNAL for a repository of another class */
export function remoteOf(repository: Pick<Repository, 'key' | 'config'>): StoredRemote {
  const stored = repository.config['remote'];
  if (typeof stored !== 'object' || stored === null) throw new BulkheadError('INTERNAL', `${repository.key} is no remote repository`);
  let settings = read.get(stored);
  if (settings === undefined) {
    const sealed = stored as SealedPasswords;
    settings = { ...remoteSettings.parse(stored), ...Object.fromEntries(remotePasswords.flatMap((name) => (sealed[name] === undefined ? [] : [[name, sealed[name]]]))) };
    read.set(stored, settings);
  }
  return settings;
}

export function sealPassword(keys: Pick<ClusterKeys, 'current'>, repositoryKey: string, name: RemotePassword, password: string): SealedText {
  return sealSecret(keys.current, purposes[name], repositoryKey, password);
}

/** A password in the clear; empty when there is none. @throws UPSTREAM_FAILED when it was sealed with a key that nobody has any more */
export function passwordOf(keys: Pick<ClusterKeys, 'accepted'>, repository: Pick<Repository, 'key' | 'config'>, name: RemotePassword): string {
  const sealed = remoteOf(repository)[name];
  if (sealed === undefined) return '';
  const plain = unsealSecret(keys.accepted, purposes[name], repository.key, sealed.text);
  if (plain === null) throw new BulkheadError('UPSTREAM_FAILED', `The ${name} of '${repository.key}' cannot be read with the present cluster key: set it anew`);
  return plain;
}

/** The repository with its passwords sealed with the present key; undefined when there is nothing to do, or nothing that can be done. */
export function withPasswordResealed(repository: Repository, keys: Pick<ClusterKeys, 'accepted' | 'current'>): Repository | undefined {
  const remote = remoteOf(repository);
  const resealed = Object.fromEntries(remotePasswords.flatMap((name) => {
    const sealed = remote[name];
    if (sealed === undefined || sealed.keyId === keyId(keys.current)) return [];
    const plain = unsealSecret(keys.accepted, purposes[name], repository.key, sealed.text);
    return plain === null ? [] : [[name, sealPassword(keys, repository.key, name, plain)]];
  }));
  if (Object.keys(resealed).length === 0) return undefined;
  return { ...repository, config: { ...repository.config, remote: { ...remote, ...resealed } } };
}

function areCertificates(pem: string): boolean {
  if (pem.trim() === '') return true;
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}
