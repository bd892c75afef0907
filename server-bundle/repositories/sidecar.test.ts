import { expect, it } from 'vitest';
import { listed } from '../../test/harness/listed.ts';
import { ada, contentPair, digest } from '../../test/harness/content-pair.ts';
import { storageInfo } from './storage-info.ts';
import { storageList } from './storage-list.ts';

const pair = contentPair();
const { put, text } = pair;

it('checksum files are answered from metadata, and a deployed one is checked and not stored', async () => {
  await put(pair.a, 'generic-local', 'a.jar', 'content');
  for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
    expect(await text(pair.b, 'generic-local', `a.jar.${algorithm}`)).toBe(digest('content', algorithm));
    expect(await put(pair.b, 'generic-local', `a.jar.${algorithm}`, `${digest('content', algorithm).toUpperCase()}  a.jar\n`)).toMatchObject({ status: 201 });
    await expect(put(pair.b, 'generic-local', `a.jar.${algorithm}`, digest('other', algorithm))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  }
  await expect(put(pair.a, 'generic-local', 'none.jar.sha1', digest('x', 'sha1'))).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  await expect(put(pair.a, 'generic-local', 'a.jar.sha1', 'no checksum')).rejects.toMatchObject({ code: 'CHECKSUM_INVALID' });
  const list = await storageList(pair.a.content, ada, 'generic-local', '', { depth: Infinity, listFolders: false, mdTimestamps: false, includeRootPath: false });
  expect(await listed(list.files)).toHaveLength(1);
  expect(await storageInfo(pair.a.content, ada, 'generic-local', 'a.jar')).toMatchObject({ originalChecksums: { md5: digest('content', 'md5'), sha1: digest('content', 'sha1') } });
});
