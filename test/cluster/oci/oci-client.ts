import { createHash } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Answer } from '../../harness/node-client.ts';

export interface OciRequest {
  readonly method?: string;
  readonly body?: Buffer | string | NodeJS.ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
  /** null: without credentials */
  readonly as?: { readonly user: string; readonly password: string } | null;
}

/** A registry client that sends each request to another node, in turn. It follows nothing and retries nothing. */
export class OciClient implements AsyncDisposable {
  readonly #nodes: readonly string[];
  readonly #admin: { readonly user: string; readonly password: string };
  readonly #agent = new Agent({ headersTimeout: 30_000, bodyTimeout: 30_000, pipelining: 1 });
  #turn = 0;

  constructor(nodes: readonly { readonly url: string }[], admin: { readonly user: string; readonly password: string }) {
    this.#nodes = nodes.map(({ url }) => url);
    this.#admin = admin;
  }

  /** @param path as in an address of the registry, or a `Location` */
  async send(path: string, options: OciRequest = {}): Promise<Answer> {
    const credentials = options.as === undefined ? this.#admin : options.as;
    const headers: Record<string, string> = { ...options.headers };
    if (credentials !== null) headers['authorization'] ??= `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
    const node = this.#nodes[this.#turn++ % this.#nodes.length] ?? '';
    const answer = await request(new URL(path, node), {
      dispatcher: this.#agent, method: (options.method ?? 'GET') as 'GET', headers, body: (options.body ?? null) as Buffer | null,
    });
    const body = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers: answer.headers, body, text: () => body.toString('utf8'), json: (): unknown => JSON.parse(body.toString('utf8')) };
  }

  /** A blob in two steps: POST and PUT. */
  async pushBlob(name: string, bytes: Buffer | string): Promise<string> {
    const begun = await this.send(`/v2/${name}/blobs/uploads/`, { method: 'POST' });
    if (begun.status !== 202) throw new Error(`POST answered ${String(begun.status)}: ${begun.text()}`);
    const digest = digestOf(bytes);
    const put = await this.send(withDigest(location(begun), digest), { method: 'PUT', body: bytes, headers: { 'content-type': 'application/octet-stream' } });
    if (put.status !== 201) throw new Error(`PUT answered ${String(put.status)}: ${put.text()}`);
    return digest;
  }

  async pushManifest(name: string, reference: string, manifest: unknown, type = imageType): Promise<Answer> {
    const body = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
    return this.send(`/v2/${name}/manifests/${reference}`, { method: 'PUT', body, headers: { 'content-type': type } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

export const imageType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';

export function digestOf(bytes: Buffer | string, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function location(answer: Answer): string {
  const { location: found } = answer.headers;
  if (typeof found !== 'string') throw new Error('there is no Location');
  return found;
}

export function withDigest(path: string, digest: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

export function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Codes of an error answer, as the specification has it. */
export function codesOf(answer: Answer): string[] {
  return (answer.json() as { errors: { code: string }[] }).errors.map(({ code }) => code);
}

export interface Descriptor { mediaType: string; digest: string; size: number; annotations?: Record<string, string> }

export function descriptor(mediaType: string, bytes: Buffer | string, digest = digestOf(bytes)): Descriptor {
  return { mediaType, digest, size: Buffer.byteLength(bytes) };
}

export const configType = 'application/vnd.oci.image.config.v1+json';
export const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';

export function imageManifest(config: Buffer | string, layers: readonly (Buffer | string)[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schemaVersion: 2, mediaType: imageType, config: descriptor(configType, config), layers: layers.map((layer) => descriptor(layerType, layer)), ...more,
  };
}
