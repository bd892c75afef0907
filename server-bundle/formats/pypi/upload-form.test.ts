import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { form, type FormPart } from '../../../test/harness/upload-form.ts';
import { BulkheadError } from '../../contract/index.ts';
import { readUploadForm } from './upload-form.ts';

const parts: FormPart[] = [[':action', 'file_upload'], ['name', 'a'], ['description', 'x'.repeat(2_000_000)], ['content', Buffer.alloc(300_000, 1), 'a-1.tar.gz']];

async function read(contentType: string, chunks: readonly Buffer[]): Promise<{ fileName: string; bytes: Buffer }> {
  const { fileName, content } = await readUploadForm(contentType, Readable.from(chunks, { objectMode: false }));
  const received: Buffer[] = [];
  for await (const chunk of content) received.push(chunk);
  return { fileName, bytes: Buffer.concat(received) };
}

describe('the form of an upload', () => {
  it('gives its fields before its file', async () => {
    const { body, headers } = form([...parts.slice(0, 3), ['gpg_signature', Buffer.from('sig'), 'a.asc'], ...parts.slice(3)]);
    const read = await readUploadForm(headers['content-type'], Readable.from([body]));
    expect([...read.fields]).toEqual([[':action', 'file_upload'], ['name', 'a']]);
    expect(read.fileName).toBe('a-1.tar.gz');
    let size = 0;
    for await (const chunk of read.content) size += chunk.length;
    expect(size).toBe(300_000);
  });

  it('keeps the folders of a file name, so that they are seen', async () => {
    const { body, headers } = form([['content', Buffer.from('x'), '../../a-1.tar.gz']]);
    expect((await read(headers['content-type']!, [body])).fileName).toBe('../../a-1.tar.gz');
  });

  it('knows of a file without a name', async () => {
    const body = '--x\r\nContent-Disposition: form-data; name="content"\r\nContent-Type: application/octet-stream\r\n\r\nbytes\r\n--x--\r\n';
    expect(await read('multipart/form-data; boundary=x', [Buffer.from(body)])).toEqual({ fileName: '', bytes: Buffer.from('bytes') });
  });

  it.each([
    ['a file that ends before the form', form(parts).body.subarray(0, -20)],
    ['half a file', form(parts).body.subarray(0, -100_000)],
    ['a field too long', form([['name', 'x'.repeat(2000)], ...parts.slice(3)]).body],
    ['nothing', Buffer.alloc(0)],
  ])('is refused with %s', async (_what, body) => {
    const boundary = /^--(\S+)/.exec(body.toString('latin1', 0, 100))?.[1] ?? 'x';
    await expect(read(`multipart/form-data; boundary=${boundary}`, [body])).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });

  it('ends with a code, whatever is sent', async () => {
    const { body, headers } = form([...parts.slice(0, 2), ['content', Buffer.from('some bytes'), 'a-1.tar.gz']]);
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { maxLength: 8 }), fc.integer({ min: 1, max: 60 }), fc.nat(body.length), async (edits, size, cut) => {
      const sent = Buffer.from(body);
      for (const [at, value] of edits) sent[at] = value;
      const chunks = Array.from({ length: Math.ceil(cut / size) }, (_, index) => sent.subarray(index * size, Math.min(cut, (index + 1) * size)));
      try {
        await read(headers['content-type']!, chunks);
      } catch (error) {
        expect(error).toBeInstanceOf(BulkheadError);
        expect((error as BulkheadError).status).toBeLessThan(500);
      }
    }), { numRuns: 400 });
  });

  it('ends with a code, whatever its boundary is said to be', async () => {
    await fc.assert(fc.asyncProperty(fc.string(), async (text) => {
      await expect(read(`multipart/form-data; ${text}`, [Buffer.from('--x\r\n\r\n')])).rejects.toBeInstanceOf(BulkheadError);
    }));
  });
});
