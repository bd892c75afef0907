import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { contentCluster, type ContentCluster, type TestNode } from '../../test/harness/content-session.ts';
import { startPostgres, type TestPostgres } from '../../test/harness/postgres.ts';
import { sha256 } from '../../test/harness/node-client.ts';
import { BulkheadError } from '../contract/index.ts';
import { presentOnly } from '../http/content/present-only.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import { holdRights } from '../security/held-rights.ts';
import { rightsOfRole } from '../security/permissions/rights.ts';
import type { Principal } from '../security/principal.ts';
import { changeRepository, createRepository } from './administration.ts';
import { declaredChecksums } from './declared-checksums.ts';
import { deploy, type Packaging } from './deploy.ts';
import { readBlob } from './read-blob.ts';
import { remove } from './remove.ts';
import { resolve } from './resolve.ts';
import { transfer } from './transfer.ts';

/** Changes that are overtaken by others after they were prepared and before they commit. */
const principal: Principal = { name: 'ada', role: 'admin', via: 'password' };
let postgres: TestPostgres;
let cluster: ContentCluster;
let a: TestNode;
let b: TestNode;

// one for all: each test has paths and contents of its own
beforeAll(async () => {
  postgres = await startPostgres();
  cluster = await contentCluster(postgres);
  a = await cluster.addNode();
  b = await cluster.addNode();
});
afterEach(() => { vi.restoreAllMocks(); });
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await postgres.stop();
});

const put = (node: TestNode, repositoryKey: string, path: string, bytes: string, by = principal): Promise<RecordedAnswer> =>
  deploy(node.content, { principal: by, repositoryKey, path, declared: declaredChecksums({}), replayKey: null }, Readable.from([Buffer.from(bytes)]));

async function text(node: TestNode, repositoryKey: string, path: string): Promise<string | null> {
  const found = await resolve(node.content, principal, repositoryKey, path);
  if (found.kind === 'text') return found.content.bytes.toString();
  if (found.kind !== 'file') return null;
  const source = await readBlob(node.content, found.repository, found.file);
  return (source.bytes ?? Buffer.concat(await (await source.open()).toArray() as Buffer[])).toString();
}

const blobFiles = async (): Promise<string[]> => (await readdir(join(cluster.path, 'blobs'), { recursive: true })).filter((name) => name.includes('.')).sort();

/** `meanwhile` runs once, when the next change on `node` has been prepared everywhere and has not begun its transaction. */
function beforeTheCommitOf(node: TestNode, meanwhile: () => Promise<unknown>): void {
  const change = node.coherence.change.bind(node.coherence);
  vi.spyOn(node.coherence, 'change').mockImplementationOnce((touched, commit) => change(touched, async () => {
    await meanwhile();
    return commit();
  }));
}

describe('a folder takes what appears in it after it was prepared: no other node answers it from memory afterwards', () => {
  const location = (path: string): { repositoryKey: string; path: string } => ({ repositoryKey: 'generic-local', path });
  const deployed = async (path: string): Promise<void> => {
    await put(b, 'generic-local', path, 'late');
    expect(await text(b, 'generic-local', path)).toBe('late');
  };

  it('when it is deleted', async () => {
    await put(a, 'generic-local', 'deleted/first', '1');
    beforeTheCommitOf(a, () => deployed('deleted/late'));
    await remove(a.content, { principal, repositoryKey: 'generic-local', path: 'deleted', replayKey: null });
    expect([await text(b, 'generic-local', 'deleted/late'), await text(a, 'generic-local', 'deleted/late')]).toEqual([null, null]);
  });

  it('when it is moved', async () => {
    await put(a, 'generic-local', 'moved/first', '1');
    beforeTheCommitOf(a, () => deployed('moved/late'));
    await transfer(a.content, { principal, operation: 'move', from: location('moved'), to: location('there'), dryRun: false, replayKey: null });
    expect([await text(b, 'generic-local', 'moved/late'), await text(b, 'generic-local', 'there/late')]).toEqual([null, 'late']);
  });

  it('when it is copied over another one, into which something is deployed meanwhile', async () => {
    await put(a, 'generic-local', 's/d/same', 'copied');
    await put(a, 'generic-local', 'd/other', '1');
    beforeTheCommitOf(a, () => deployed('d/same'));
    await transfer(a.content, { principal, operation: 'copy', from: location('s/d'), to: location(''), dryRun: false, replayKey: null });
    expect(await text(b, 'generic-local', 'd/same')).toBe('copied');
  });
});

describe('a request that is carried out by another node first gets what it has done itself, whatever it asked to find', () => {
  const ifMatch = (path: string, bytes: string): Pick<Packaging, 'requires'> => ({ requires: presentOnly(`"${createHash('sha1').update(bytes).digest('hex')}"`, path) });
  const second = (node: TestNode, replayKey: string): Promise<RecordedAnswer> => deploy(node.content, {
    principal, repositoryKey: 'generic-local', path: 'replayed', declared: declaredChecksums({}), replayKey, packaging: ifMatch('replayed', 'first'),
  }, Readable.from([Buffer.from('second')]));
  const removal = (node: TestNode, replayKey: string): Promise<RecordedAnswer> =>
    remove(node.content, { principal, repositoryKey: 'generic-local', path: 'replayed', replayKey, ...ifMatch('replayed', 'first') });

  it.each([['a deploy', second, 201, 'second'], ['a delete', removal, 204, null]] as const)('%s', async (_what, carryOut, status, left) => {
    await put(a, 'generic-local', 'replayed', 'first');
    const key = randomUUID();
    const before = await blobFiles();
    let byOther: RecordedAnswer | undefined;
    beforeTheCommitOf(a, async () => { byOther = await carryOut(b, key); });
    const answer = await carryOut(a, key);
    expect([answer.status, answer]).toEqual([status, byOther]);
    expect(await text(a, 'generic-local', 'replayed')).toBe(left);
    expect(await blobFiles()).toHaveLength(before.length + (left === null ? 0 : 1));
    // another request is another matter
    await expect(second(a, randomUUID())).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});

it.each(['file', 'folder'] as const)('a move of a %s that another node carries out before it is looked for gets the answer to that', async (kind) => {
  await put(a, 'generic-local', `moved-once/${kind}/x`, 'x');
  const from = kind === 'file' ? `moved-once/${kind}/x` : `moved-once/${kind}`;
  const replayKey = randomUUID();
  const once = (node: TestNode): Promise<RecordedAnswer> => transfer(node.content, {
    principal, operation: 'move', from: { repositoryKey: 'generic-local', path: from }, to: { repositoryKey: 'generic-local', path: `moved-${kind}` }, dryRun: false, replayKey,
  });
  const read = a.coherence.read.bind(a.coherence);
  let byOther: RecordedAnswer | undefined;
  vi.spyOn(a.coherence, 'read').mockImplementationOnce(async (key, fill) => {
    byOther = await once(b);
    return read(key, fill);
  });
  const answer = await once(a);
  expect([answer.status, answer]).toEqual([200, byOther]);
  expect(await text(a, 'generic-local', kind === 'file' ? 'moved-file' : 'moved-folder/x')).toBe('x');
});

it('who may deploy and not delete gets the answer to what another node has done of the same request, no refusal to replace it', async () => {
  const writer: Principal = { name: 'wim', role: 'user', via: 'password' };
  holdRights(writer, { ...rightsOfRole('user'), everywhere: new Set(['read', 'deploy']) });
  const replayKey = randomUUID();
  const once = (node: TestNode): Promise<RecordedAnswer> =>
    deploy(node.content, { principal: writer, repositoryKey: 'generic-local', path: 'written-once', declared: declaredChecksums({}), replayKey }, Readable.from([Buffer.from('once')]));
  const stage = a.filestore.stage.bind(a.filestore);
  let byOther: RecordedAnswer | undefined;
  vi.spyOn(a.filestore, 'stage').mockImplementationOnce(async (...args) => {
    byOther = await once(b);
    return stage(...args);
  });
  const answer = await once(a);
  expect([answer.status, answer]).toEqual([201, byOther]);
  await expect(put(a, 'generic-local', 'written-once', 'twice', writer)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

describe('a new path changes what other paths answer', () => {
  it('computed metadata that another node has in memory', async () => {
    await put(a, 'maven-releases', 'g/a/1/a-1.pom', '<project/>');
    expect(await text(b, 'maven-releases', 'g/a/maven-metadata.xml')).not.toContain('<version>2</version>');
    await put(a, 'maven-releases', 'g/a/2/a-2.pom', '<project/>');
    expect(await text(b, 'maven-releases', 'g/a/maven-metadata.xml')).toContain('<version>2</version>');
  });

  it('what a virtual repository answers, also through a member that it has just got', async () => {
    for (const key of ['near', 'far']) await createRepository(a.content, principal, key, { rclass: 'local', packageType: 'generic' });
    await createRepository(a.content, principal, 'all', { rclass: 'virtual', packageType: 'generic', repositories: ['far'] });
    await put(a, 'far', 'x', 'far');
    expect(await text(b, 'all', 'x')).toBe('far');
    await put(a, 'near', 'x', 'near');
    await changeRepository(a.content, principal, 'all', { repositories: ['near', 'far'] });
    expect(await text(b, 'all', 'x')).toBe('near');
    await put(a, 'near', 'y', 'near');
    await put(a, 'far', 'z', 'far');
    expect(await text(b, 'all', 'z')).toBe('far');
    await put(a, 'near', 'z', 'near');
    expect(await text(b, 'all', 'z')).toBe('near');
  });

  it('a deploy that was checked against a configuration is not committed under another one', async () => {
    const before = await blobFiles();
    beforeTheCommitOf(a, () => changeRepository(b.content, principal, 'maven-releases', { excludesPattern: 'closed/**' }));
    await expect(put(a, 'maven-releases', 'closed/a/1/a-1.pom', '<project><!-- closed --></project>')).rejects.toMatchObject({ code: 'PATH_EXCLUDED' });
    const rows = await postgres.query("select 1 from artifact where path like 'closed/%'", cluster.database);
    expect([rows, await blobFiles()]).toEqual([[], before]);
  });
});

describe('a blob whose file is not there', () => {
  const generationOf = async (content: string): Promise<string> =>
    String((await postgres.query(`select generation from blob where sha256 = '${sha256(content)}'`, cluster.database))[0]?.['generation']);

  /** Every node watches the share by itself, and may have looked while it was away. */
  const seenAgain = (): Promise<unknown> => Promise.all([a, b].map(({ filestore }) => filestore.verify()));

  it('is not healed onto a bare mount point: there every file is absent', async () => {
    await put(a, 'generic-local', 'bare/one', 'bare');
    const before = await generationOf('bare');
    const [mounted, away] = [join(cluster.path, 'blobs'), join(cluster.path, 'away')];
    await rename(mounted, away);
    await rename(join(cluster.path, 'cluster.json'), join(cluster.path, 'marker'));
    await expect(put(a, 'generic-local', 'bare/two', 'bare')).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    expect(await generationOf('bare')).toBe(before);
    await rename(away, mounted);
    await rename(join(cluster.path, 'marker'), join(cluster.path, 'cluster.json'));
    await seenAgain();
    await put(a, 'generic-local', 'bare/two', 'bare');
    expect([await generationOf('bare'), await text(b, 'generic-local', 'bare/two')]).toEqual([before, 'bare']);
  });

  it('is not healed when the share went away only after it was looked for', async () => {
    await put(a, 'generic-local', 'later/one', 'later');
    const before = await generationOf('later');
    const file = (await blobFiles()).find((name) => name.includes(before)) ?? '';
    await rm(join(cluster.path, 'blobs', file));
    const stat = a.filestore.stat.bind(a.filestore);
    vi.spyOn(a.filestore, 'stat').mockImplementationOnce(async (blob) => {
      const found = await stat(blob);
      await rename(join(cluster.path, 'cluster.json'), join(cluster.path, 'marker'));
      return found;
    });
    await expect(put(a, 'generic-local', 'later/two', 'later')).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    await rename(join(cluster.path, 'marker'), join(cluster.path, 'cluster.json'));
    await seenAgain();
    expect(await generationOf('later')).toBe(before);
    await put(a, 'generic-local', 'later/two', 'later');
    expect(await generationOf('later')).not.toBe(before);
    expect(await text(b, 'generic-local', 'later/one')).toBe('later');
  });

  it('is not healed by a look that failed otherwise', async () => {
    await put(a, 'generic-local', 'stale/one', 'stale');
    const before = await generationOf('stale');
    vi.spyOn(a.filestore, 'stat').mockRejectedValueOnce(new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore answered ESTALE'));
    await expect(put(a, 'generic-local', 'stale/two', 'stale')).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    expect(await generationOf('stale')).toBe(before);
  });
});
