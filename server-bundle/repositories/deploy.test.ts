import { randomBytes, randomUUID } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ada, contentPair, digest } from '../../test/harness/content-pair.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import { declaredChecksums } from './declared-checksums.ts';
import { deploy, deployByChecksum } from './deploy.ts';
import { remove } from './remove.ts';

const pair = contentPair();
const { put, get, text, blobFiles, stagingFiles, candidates, query } = pair;

describe('deploying', () => {
  it('stores bytes that every node reads, and describes them as Artifactory does', async () => {
    for (const size of [0, 5, 300_000, 2_000_000]) {
      const bytes = randomBytes(size);
      const answer = await put(pair.a, 'generic-local', `files/${String(size)}.bin`, bytes, { 'x-checksum-sha1': digest(bytes, 'sha1') });
      expect(answer.status).toBe(201);
      expect(JSON.parse(answer.body!)).toMatchObject({
        repo: 'generic-local', path: `/files/${String(size)}.bin`, createdBy: 'ada', size: String(size), mimeType: 'application/octet-stream',
        downloadUri: `http://repo.example.org/artifactory/generic-local/files/${String(size)}.bin`,
        checksums: { sha1: digest(bytes, 'sha1'), md5: digest(bytes, 'md5'), sha256: digest(bytes) }, originalChecksums: { sha1: digest(bytes, 'sha1') },
      });
      expect((await get(pair.b, 'generic-local', `files/${String(size)}.bin`))?.equals(bytes)).toBe(true);
    }
    expect(await stagingFiles()).toEqual([]);
  });

  it('refuses bytes that are not what was declared, and leaves nothing', async () => {
    for (const size of [10, 600_000]) {
      await expect(put(pair.a, 'generic-local', 'x', randomBytes(size), { 'x-checksum-sha256': digest('other') })).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    }
    const broken = Readable.from((function* () { yield randomBytes(400_000); throw new Error('broken off'); })());
    await expect(deploy(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path: 'x', declared: declaredChecksums({}), replayKey: null }, broken)).rejects.toThrow();
    expect(await get(pair.a, 'generic-local', 'x')).toBeNull();
    expect([...await blobFiles(), ...await stagingFiles()]).toEqual([]);
  });

  it('keeps the same bytes once, and overwrites on every node at once', async () => {
    await put(pair.a, 'generic-local', 'one', 'same');
    await put(pair.b, 'generic-local', 'two', 'same');
    expect(await blobFiles()).toHaveLength(1);
    expect(await text(pair.b, 'generic-local', 'one')).toBe('same');
    await put(pair.a, 'generic-local', 'one', 'different');
    expect(await text(pair.b, 'generic-local', 'one')).toBe('different');
    expect(await text(pair.b, 'generic-local', 'two')).toBe('same');
    expect(await candidates()).toEqual([digest('same')]);
  });

  it('prepares nothing for an insert, and the path for an overwrite', async () => {
    await put(pair.a, 'generic-local', 'new', '1');
    expect(pair.a.coherence.touched).toEqual([]);
    await put(pair.a, 'generic-local', 'new', '2');
    expect(pair.a.coherence.touched.flatMap((touched) => touched.keys)).toEqual([expect.stringMatching(/^artifact:\d+\/new$/)]);
  });

  it('survives many deploys of one path and one content on several nodes', async () => {
    const answers = await Promise.all(Array.from({ length: 24 }, (_, at) => put(at % 2 === 0 ? pair.a : pair.b, 'generic-local', `p/${String(at % 4)}`, `content ${String(at % 3)}`)));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 201));
    expect(await blobFiles()).toHaveLength(3);
    expect(await stagingFiles()).toEqual([]);
    for (const path of ['p/0', 'p/1', 'p/2', 'p/3']) expect(await text(pair.a, 'generic-local', path)).toBe(await text(pair.b, 'generic-local', path));
  });

  it('answers a replay with the first answer and changes nothing', async () => {
    const key = randomUUID();
    const first = await put(pair.a, 'generic-local', 'v', 'one', {}, key);
    await put(pair.b, 'generic-local', 'v', 'two');
    expect(await put(pair.b, 'generic-local', 'v', 'one', {}, key)).toEqual(first);
    expect(await text(pair.a, 'generic-local', 'v')).toBe('two');
    expect(await remove(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path: 'v', replayKey: 'gone' })).toMatchObject({ status: 204 });
    await put(pair.b, 'generic-local', 'v', 'three');
    expect(await remove(pair.b.content, { principal: ada, repositoryKey: 'generic-local', path: 'v', replayKey: 'gone' })).toMatchObject({ status: 204 });
    expect(await text(pair.a, 'generic-local', 'v')).toBe('three');
  });

  it('lets a frozen writer that wakes up after its replay change nothing', async () => {
    const key = randomUUID();
    let release = (): void => undefined;
    const frozen = new Promise<void>((resolvePromise) => { release = resolvePromise; });
    const slow = Readable.from((async function* () { yield Buffer.from('one'); await frozen; })());
    const late = deploy(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path: 'v', declared: declaredChecksums({}), replayKey: key }, slow);
    const first = await put(pair.b, 'generic-local', 'v', 'one', {}, key);
    await put(pair.b, 'generic-local', 'v', 'two');
    release();
    expect(await late).toEqual(first);
    expect(await text(pair.a, 'generic-local', 'v')).toBe('two');
    expect(await stagingFiles()).toEqual([]);
  });

  it('refuses a file below a file and a file in place of a folder, also when both come at once', async () => {
    await put(pair.a, 'generic-local', 'a/b', '1');
    await expect(put(pair.a, 'generic-local', 'a/b/c', '2')).rejects.toMatchObject({ code: 'PATH_CONFLICT' });
    await expect(put(pair.a, 'generic-local', 'a', '3')).rejects.toMatchObject({ code: 'PATH_CONFLICT' });
    await put(pair.a, 'generic-local', 'a/b0', 'beside');
    for (let round = 0; round < 10; round += 1) {
      const root = `race/${String(round)}`;
      const results = await Promise.allSettled([put(pair.a, 'generic-local', root, 'file'), put(pair.b, 'generic-local', `${root}/below`, 'below')]);
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    }
  });
});

describe('deploying by checksum', () => {
  const byChecksum = (declared: Record<string, string>, path = 'copy'): Promise<RecordedAnswer> =>
    deployByChecksum(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path, declared: declaredChecksums(declared), replayKey: null });

  it.each(['sha256', 'sha1', 'md5'])('finds content by %s', async (algorithm) => {
    await put(pair.a, 'generic-local', 'original', 'content');
    expect(await byChecksum({ [`x-checksum-${algorithm}`]: digest('content', algorithm) })).toMatchObject({ status: 201 });
    expect(await text(pair.b, 'generic-local', 'copy')).toBe('content');
  });

  it('answers that it does not know what is not stored, has a tombstone, or has lost its file', async () => {
    await expect(byChecksum({ 'x-checksum-sha256': digest('never') })).rejects.toMatchObject({ code: 'CHECKSUM_UNKNOWN' });
    await put(pair.a, 'generic-local', 'original', 'content');
    await query('update blob set tombstoned_at = now()');
    await expect(byChecksum({ 'x-checksum-sha256': digest('content') })).rejects.toMatchObject({ code: 'CHECKSUM_UNKNOWN' });
    await query('update blob set tombstoned_at = null');
    const [file] = await blobFiles();
    await unlink(join(pair.cluster.path, 'blobs', file!));
    await expect(byChecksum({ 'x-checksum-sha256': digest('content') })).rejects.toMatchObject({ code: 'CHECKSUM_UNKNOWN' });
    await expect(byChecksum({})).rejects.toMatchObject({ code: 'HEADER_INVALID' });
  });
});
