import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import { readManifest, recognizeManifest } from './manifest.ts';
import { dockerList, dockerManifest, ociIndex, ociManifest } from './media-types.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const descriptor = (letter: string, mediaType = 'application/x'): Record<string, unknown> => ({ mediaType, digest: digest(letter), size: 3 });
const image = { schemaVersion: 2, mediaType: ociManifest, config: descriptor('c', 'application/vnd.oci.image.config.v1+json'), layers: [descriptor('1'), descriptor('2'), descriptor('1')] };
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('an image', () => {
  it('names its configuration and its layers, each once', () => {
    expect(readManifest(bytes(image), ociManifest)).toEqual({
      mediaType: ociManifest, artifactType: 'application/vnd.oci.image.config.v1+json', subject: null, annotations: null,
      blobs: [digest('c'), digest('1'), digest('2')], manifests: [],
    });
    expect(readManifest(bytes({ ...image, mediaType: dockerManifest }), dockerManifest).mediaType).toBe(dockerManifest);
  });

  it('with an artifact type, a subject and annotations (ORAS)', () => {
    const artifact = { ...image, artifactType: 'application/vnd.example.sbom', subject: descriptor('5', ociManifest), annotations: { a: 'b' } };
    expect(readManifest(bytes(artifact), `${ociManifest}; charset=utf-8`)).toMatchObject({
      artifactType: 'application/vnd.example.sbom', subject: digest('5'), annotations: { a: 'b' },
    });
  });

  it('of layers that lie elsewhere needs only the others', () => {
    const foreign = { ...descriptor('9'), urls: ['https://example.com/layer'] };
    expect(readManifest(bytes({ ...image, layers: [foreign, descriptor('1')] }), ociManifest).blobs).toEqual([digest('c'), digest('1')]);
  });

  it('without mediaType inside is taken by its Content-Type, and the other way round', () => {
    const { mediaType: _, ...without } = image;
    expect(readManifest(bytes(without), ociManifest).mediaType).toBe(ociManifest);
    expect(readManifest(bytes(image), undefined).mediaType).toBe(ociManifest);
    expect(() => readManifest(bytes(without), undefined)).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }));
  });
});

it('an index names its manifests', () => {
  const list = { schemaVersion: 2, manifests: [descriptor('1', ociManifest), descriptor('2', ociManifest)] };
  for (const type of [ociIndex, dockerList]) expect(readManifest(bytes(list), type)).toMatchObject({ mediaType: type, blobs: [], manifests: [digest('1'), digest('2')] });
});

it('a type that is not known is kept with what it names', () => {
  const other = { mediaType: 'application/vnd.example.thing+json', blobs: [descriptor('1')], config: descriptor('2'), anything: { goes: [1] } };
  expect(readManifest(bytes(other), 'application/vnd.example.thing+json')).toMatchObject({ blobs: [digest('2'), digest('1')], artifactType: 'application/x' });
});

it.each([
  ['schema 1', { schemaVersion: 1 }, 'application/vnd.docker.distribution.manifest.v1+json'],
  ['version 1', { ...image, schemaVersion: 1 }, ociManifest],
  ['an image that lists manifests', { ...image, manifests: [] }, ociManifest],
  ['an index that lists layers', { schemaVersion: 2, manifests: [], layers: [] }, ociIndex],
  ['another type inside', image, ociIndex],
  ['a digest that is none', { ...image, config: { ...descriptor('1'), digest: 'sha256:1' } }, ociManifest],
  ['a negative size', { ...image, config: { ...descriptor('1'), size: -1 } }, ociManifest],
  ['annotations that are no text', { ...image, annotations: { a: 1 } }, ociManifest],
  ['a Content-Type that is none', image, 'nonsense'],
])('%s is refused', (_what, value, type) => {
  expect(() => readManifest(bytes(value), type)).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }));
});

it('bytes that are no text are refused', () => {
  expect(() => readManifest(Buffer.from([0xff, 0xfe, 0x7b]), ociManifest)).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }));
});

it('recognizes what is stored without its type', () => {
  const { mediaType: _, ...without } = image;
  expect(recognizeManifest(bytes(without))?.mediaType).toBe(ociManifest);
  expect(recognizeManifest(bytes({ schemaVersion: 2, manifests: [] }))?.mediaType).toBe(ociIndex);
  for (const none of ['hello', 'null', '[]', '{}', '5']) expect(recognizeManifest(Buffer.from(none))).toBeNull();
});

it('any JSON under any type is read or refused as a manifest', () => {
  const near = fc.record({
    schemaVersion: fc.constantFrom(1, 2, '2'), mediaType: fc.constantFrom(ociManifest, ociIndex, undefined, 5),
    config: fc.oneof(fc.constant(descriptor('1')), fc.jsonValue()), layers: fc.oneof(fc.constant([descriptor('2')]), fc.jsonValue()),
    manifests: fc.oneof(fc.constant([descriptor('3')]), fc.jsonValue()), subject: fc.oneof(fc.constant(descriptor('4')), fc.jsonValue()),
    annotations: fc.jsonValue(),
  }, { requiredKeys: [] });
  fc.assert(fc.property(fc.oneof(near, fc.jsonValue()), fc.constantFrom(ociManifest, ociIndex, dockerManifest, 'application/x+json', undefined, ''), (value, type) => {
    try {
      const facts = readManifest(bytes(value), type);
      for (const each of [...facts.blobs, ...facts.manifests]) expect(each).toMatch(/^sha(256|512):/);
    } catch (error) {
      expect(error).toBeInstanceOf(BulkheadError);
      expect((error as BulkheadError).code).toBe('MANIFEST_INVALID');
    }
  }), { numRuns: 1000 });
});
