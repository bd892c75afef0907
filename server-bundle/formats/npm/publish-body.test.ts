import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import { readPublishBody, type PublishBody } from './publish-body.ts';

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % Math.max(1, sizes.length)] ?? 1024);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const read = (text: string | Buffer, sizes: readonly number[] = [1024]): Promise<PublishBody<Buffer>> =>
  readPublishBody(inPieces(Buffer.from(text), sizes), async (_name, bytes) => Buffer.concat(await (bytes).toArray() as Buffer[]));

describe('the body of a publish', () => {
  it('gives document and tarball, wherever the pieces are cut', async () => {
    await fc.assert(fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }), fc.jsonValue(), fc.boolean(), fc.boolean(),
      async (bytes, sizes, anything, first, escapes) => {
        const data = Buffer.from(bytes).toString('base64');
        const attachment = { 'x-1.0.0.tgz': { content_type: 'application/octet-stream', data, length: bytes.length } };
        const rest = { name: 'x', anything, text: 'with "quotes", \\ and é' };
        let text = JSON.stringify(first ? { _attachments: attachment, ...rest } : { ...rest, _attachments: attachment });
        if (escapes) text = text.replace(data, data.replaceAll('/', '\\/'));
        const { document, tarball } = await read(text, sizes);
        expect(tarball?.fileName).toBe('x-1.0.0.tgz');
        expect(tarball?.kept.equals(Buffer.from(bytes))).toBe(true);
        const expected = JSON.parse(text) as { _attachments: Record<string, Record<string, unknown>> };
        expected._attachments['x-1.0.0.tgz']!['data'] = '';
        expect(document).toEqual(expected);
      },
    ));
  });

  it('takes no string for the tarball that only looks like it', async () => {
    for (const document of [
      { versions: { _attachments: { 'a.tgz': { data: 'AAAA' } } } }, { _attachments: { 'a.tgz': { other: { data: 'AAAA' } } } },
      { _attachments: [{ 'a.tgz': { data: 'AAAA' } }] }, { _attachments: { 'a.sigstore': { data: '{"not":"base64"}' } } }, { name: '"_attachments":{"a.tgz":{"data":"' },
    ]) {
      const { tarball } = await read(JSON.stringify(document));
      expect(tarball).toBeUndefined();
    }
  });

  it('refuses what it cannot read, with a code', async () => {
    const tarball = (data: string): string => `{"_attachments":{"a.tgz":{"data":"${data}"}}}`;
    for (const text of ['', '{', '[1,', '{"a":', tarball('A*=='), tarball('A=BC'), tarball('AA\\u0041A'), '{"_attachments":{"a.tgz":{"data":"AAAA', `{"_attachments":{"a.tgz":{"data":"AAAA"},"b.tgz":{"data":"AAAA"}}}`, '['.repeat(200)]) {
      await expect(read(text), text).rejects.toMatchObject({ code: 'BODY_INVALID' });
    }
  });

  it('holds no more than its limit of what is no tarball', async () => {
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"readme":"');
      for (;;) yield Buffer.alloc(1024 * 1024, 0x61);
    }
    await expect(readPublishBody(endless(), async () => undefined)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
  });

  it('answers any bytes with a document or a code', async () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '\\', '"_attachments"', '"a.tgz"', '"data"', '"QUJD"', '\\"', '\\u', 'null', '1e'), fc.string()), { maxLength: 30 });
    await fc.assert(fc.asyncProperty(fc.oneof(pieces.map((parts) => Buffer.from(parts.join(''))), fc.uint8Array().map((bytes) => Buffer.from(bytes))), async (bytes) => {
      try {
        await read(bytes, [3, 7]);
      } catch (error) {
        expect(error).toBeInstanceOf(BulkheadError);
        expect((error as BulkheadError).status).toBe(400);
      }
    }), { numRuns: 500 });
  });
});
