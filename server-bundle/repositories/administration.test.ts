import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { ada, contentPair } from '../../test/harness/content-pair.ts';
import { findRepository } from '../metadata/repositories.ts';
import type { Principal } from '../security/principal.ts';
import { changeRepository, createRepository, removeRepository } from './administration.ts';
import { declaredChecksums } from './declared-checksums.ts';
import { deploy } from './deploy.ts';
import { makeFolder } from './folder-marker.ts';
import { remove } from './remove.ts';
import { resolve } from './resolve.ts';

const pair = contentPair();
const { put, get, text, artifactCount, query, deployUnderWay, untilSomebodyWaits } = pair;

it('repositories are created, changed and removed with everything in them', async () => {
  await createRepository(pair.a.content, ada, 'libs', { rclass: 'local', packageType: 'maven', handleSnapshots: false, description: 'Libraries' });
  await expect(createRepository(pair.a.content, ada, 'LIBS', {})).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS' });
  for (const key of ['api', 'V2', '.x', 'a b', '']) await expect(createRepository(pair.a.content, ada, key, {})).rejects.toMatchObject({ code: 'REPOSITORY_KEY_INVALID' });
  for (const nothing of [undefined, null]) await expect(createRepository(pair.a.content, ada, 'x', nothing)).rejects.toMatchObject({ code: 'BODY_INVALID' });
  await expect(createRepository(pair.a.content, ada, 'x', { packageType: 'cobol' })).rejects.toMatchObject({ code: 'BODY_INVALID' });
  await put(pair.a, 'libs', 'g/a/1/a-1.jar', 'x');
  await expect(put(pair.b, 'libs', 'g/a/2-SNAPSHOT/a-2-SNAPSHOT.jar', 'x')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
  await changeRepository(pair.a.content, ada, 'libs', { handleSnapshots: true });
  expect(await put(pair.b, 'libs', 'g/a/2-SNAPSHOT/a-2-SNAPSHOT.jar', 'x')).toMatchObject({ status: 201 });
  expect(await findRepository(pair.a.content.session.db, 'libs')).toMatchObject({ description: 'Libraries', generation: 2 });
  expect(await text(pair.b, 'libs', 'g/a/1/a-1.jar')).toBe('x');
  await removeRepository(pair.a.content, ada, 'libs');
  await expect(get(pair.b, 'libs', 'g/a/1/a-1.jar')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
  expect(await query(`select count(*)::int as count from artifact join repository on id = repository_id where key <> 'auto-trashcan'`)).toEqual([{ count: 0 }]);
});

it('a repository of which only other classes have what is said is not taken for a local one', async () => {
  for (const [field, value] of [['url', 'https://upstream.example'], ['repositories', []]] as const) {
    await expect(createRepository(pair.a.content, ada, 'guess', { [field]: value })).rejects.toMatchObject({ code: 'BODY_INVALID', message: expect.stringContaining('rclass') as string });
  }
  expect(await findRepository(pair.a.content.session.db, 'guess')).toBeUndefined();
});

it('a folder is made only where the patterns of its repository let something be', async () => {
  await createRepository(pair.a.content, ada, 'acme', { includesPattern: 'org/acme/**', excludesPattern: '**/secret/**' });
  const make = (path: string): Promise<unknown> => makeFolder(pair.b.content, { principal: ada, repositoryKey: 'acme', path, replayKey: null });
  for (const path of ['org/', 'org/acme/a/']) expect(await make(path)).toMatchObject({ status: 201 });
  for (const path of ['com/', 'org/other/', 'org/acme/secret/', 'org/acme/secret/x/']) await expect(make(path)).rejects.toMatchObject({ code: 'PATH_EXCLUDED' });
});

it('repositories are removed together with what was being deployed into them', async () => {
  await createRepository(pair.a.content, ada, 'short', {});
  const held = await deployUnderWay('short', 'deep/file');
  const removed = removeRepository(pair.b.content, ada, 'short');
  await untilSomebodyWaits();
  await held.commit();
  await removed;
  expect(await artifactCount()).toBe(0);
  await expect(put(pair.a, 'short', 'late', 'x')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
});

it('repositories may be used only by whom the rights allow it', async () => {
  const reader: Principal = { name: 'eve', role: 'reader', via: 'password' };
  const request = { principal: reader, repositoryKey: 'generic-local', path: 'x', replayKey: null };
  await expect(deploy(pair.a.content, { ...request, declared: declaredChecksums({}) }, Readable.from([]))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(remove(pair.a.content, request)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(createRepository(pair.a.content, reader, 'x', {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(resolve(pair.a.content, { name: 'anonymous', role: 'reader', via: 'anonymous' }, 'none', 'x')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
});
