import { z } from 'zod';
import { BulkheadError } from '../../contract/index.ts';
import { deepestJson, isTooDeep } from '../../http/json-depth.ts';
import { isImageType, isIndexType } from './media-types.ts';
import { parseDigest } from './names.ts';

const digest = z.string().refine((text) => parseDigest(text) !== null, 'is not a digest of a known algorithm');
const mediaType = z.string().regex(/^[\w.+-]+\/[\w.+-]+$/, 'is not a media type').max(255);
const descriptor = z.looseObject({
  mediaType: mediaType.optional(),
  digest,
  size: z.number().int().min(0),
  urls: z.array(z.string()).optional(),
});
type Descriptor = z.output<typeof descriptor>;

const common = {
  mediaType: mediaType.optional(),
  artifactType: mediaType.optional(),
  subject: descriptor.nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
};
const image = z.looseObject({ ...common, schemaVersion: z.literal(2), config: descriptor, layers: z.array(descriptor) });
const index = z.looseObject({ ...common, schemaVersion: z.literal(2), manifests: z.array(descriptor) });
/** Of a type that is not known here: what looks like the known fields is read as such. */
const other = z.looseObject({
  ...common,
  config: descriptor.nullish(), layers: z.array(descriptor).nullish(), blobs: z.array(descriptor).nullish(), manifests: z.array(descriptor).nullish(),
});

/** What is kept of a manifest beside its bytes, under `oci` in the facts of its artifact. */
export interface ManifestFacts {
  readonly mediaType: string;
  readonly artifactType: string | null;
  /** digest of the manifest that this one refers to */
  readonly subject: string | null;
  readonly annotations: Readonly<Record<string, string>> | null;
  /** digests of blobs that have to be there, configuration first; not those that lie elsewhere (`urls`) */
  readonly blobs: readonly string[];
  /** digests of the manifests of an index */
  readonly manifests: readonly string[];
}

const schemaOne = 'application/vnd.docker.distribution.manifest.v1';

/**
 * Reads a manifest that is being pushed (image-spec 1.1, "Image Manifest", "Image Index"; Docker image manifest version 2, schema 2).
 * @param contentType of the request
 * @throws MANIFEST_INVALID with each field that is wrong
 */
export function readManifest(bytes: Buffer, contentType: string | undefined): ManifestFacts {
  const json = parsed(bytes);
  const [declared = ''] = (contentType ?? '').split(';', 1).map((part) => part.trim().toLowerCase());
  const inside = typeof json === 'object' && json !== null && 'mediaType' in json && typeof json.mediaType === 'string' ? json.mediaType : null;
  const type = declared === '' ? inside : declared;
  if (type === null) throw invalid('the Content-Type is missing', 'Content-Type');
  if (inside !== null && inside !== type) throw invalid(`the Content-Type is ${type}, the manifest says ${inside}`, 'mediaType');
  if (type.startsWith(schemaOne)) throw invalid('manifests of schema 1 are not taken any more: push it again with a present client', 'schemaVersion');
  if (!mediaType.safeParse(type).success) throw invalid('the Content-Type is not a media type', 'Content-Type');
  return facts(type, json);
}

/** The same of a manifest that is stored already, whose type may have been lost on the way; null for what is none. */
export function recognizeManifest(bytes: Buffer): ManifestFacts | null {
  try {
    const json = parsed(bytes) as Record<string, unknown>;
    if (typeof json['mediaType'] === 'string') return readManifest(bytes, json['mediaType']);
    if (Array.isArray(json['manifests'])) return facts('application/vnd.oci.image.index.v1+json', json);
    return Array.isArray(json['layers']) ? facts('application/vnd.oci.image.manifest.v1+json', json) : null;
  } catch {
    return null;
  }
}

function facts(type: string, json: unknown): ManifestFacts {
  if (isImageType(type)) {
    const { config, layers, ...rest } = checked(image, json);
    if ('manifests' in rest) throw invalid('an image manifest lists no manifests', 'manifests');
    const configType = config.mediaType ?? null;
    return { ...shared(type, rest), artifactType: rest.artifactType ?? configType, blobs: digests([config, ...layers]), manifests: [] };
  }
  if (isIndexType(type)) {
    const { manifests, ...rest } = checked(index, json);
    if ('layers' in rest) throw invalid('an index lists no layers', 'layers');
    return { ...shared(type, rest), blobs: [], manifests: digests(manifests) };
  }
  const { config, layers, blobs, manifests, ...rest } = checked(other, json);
  const held = [...(config ? [config] : []), ...(layers ?? []), ...(blobs ?? [])];
  return { ...shared(type, rest), artifactType: rest.artifactType ?? config?.mediaType ?? null, blobs: digests(held), manifests: digests(manifests ?? []) };
}

interface Common { artifactType?: string | undefined; subject?: Descriptor | null | undefined; annotations?: Record<string, string> | null | undefined }

function shared(type: string, { artifactType, subject, annotations }: Common): Pick<ManifestFacts, 'mediaType' | 'artifactType' | 'subject' | 'annotations'> {
  return { mediaType: type, artifactType: artifactType ?? null, subject: subject?.digest ?? null, annotations: annotations ?? null };
}

/** What lies elsewhere (a layer that may not be distributed) has `urls` and need not be here. */
function digests(descriptors: readonly Descriptor[]): string[] {
  return [...new Set(descriptors.filter(({ urls }) => urls === undefined || urls.length === 0).map((each) => each.digest))];
}

function parsed(bytes: Buffer): unknown {
  if (isTooDeep(bytes)) throw new BulkheadError('MANIFEST_INVALID', `The manifest is not valid: it is nested more than ${String(deepestJson)} levels deep`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new BulkheadError('MANIFEST_INVALID', 'The manifest is not valid: it is no JSON', { cause });
  }
}

function checked<S extends z.ZodType>(schema: S, json: unknown): z.output<S> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 20).map(({ path, message }) => ({ field: path.map(String).join('.'), message }));
  throw new BulkheadError('MANIFEST_INVALID', `The manifest is not valid: ${problems[0]?.field ?? ''} ${problems[0]?.message ?? ''}`.trim(), { details: problems });
}

function invalid(reason: string, field: string): BulkheadError {
  return new BulkheadError('MANIFEST_INVALID', `The manifest is not valid: ${reason}`, { details: [{ field, message: reason }] });
}
