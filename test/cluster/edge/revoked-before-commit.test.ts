import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lockPaths } from '../../../server-bundle/metadata/path-locks.ts';
import { makeZip } from '../../harness/archives.ts';
import { npmTarball, publishBody } from '../../harness/npm-packages.ts';
import { buildWheel } from '../../harness/python-packages.ts';
import { uploadForm } from '../../harness/upload-form.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { admin, startLoneNode, type LoneNode } from './lone-node.ts';

/*
 * Between the look at the rights and the commit of a change, the right is taken away: the change has been admitted, stands in its transaction behind a lock of
 * the repository, and is let go when the revocation has been answered. It has to be refused, and to leave everything as it was.
 */

let node: LoneNode;
const eve = { user: 'eve', password: 'a long enough password' };
const json = { 'content-type': 'application/json' };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const digest = (text: string): string => `sha256:${sha256(text)}`;
const imageType = 'application/vnd.oci.image.manifest.v1+json';
const manifest = (layer: string): string => JSON.stringify({
  schemaVersion: 2, mediaType: imageType, config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digest('{}'), size: 2 }, annotations: { layer }, layers: [],
});
const repositories = ['generic', 'npm', 'pypi', 'docker'].map((packageType) => ({ key: `${packageType}-r`, packageType }));

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}
interface Answered { readonly status: number; readonly text: string; readonly location: string | undefined }

async function send({ user, password }: typeof eve, { method, path, headers, body }: Asked): Promise<Answered> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const answer = await request(`http://127.0.0.1:${String(node.port)}${path}`, { method: method as 'GET', headers: { authorization, ...headers }, body: body ?? null });
  return { status: answer.statusCode, text: await answer.body.text(), location: answer.headers['location'] as string | undefined };
}
const byAdmin = async (asked: Asked): Promise<Answered> => {
  const answer = await send(admin, asked);
  expect([asked.method, asked.path, answer.status < 300, answer.text]).toEqual([asked.method, asked.path, true, answer.text]);
  return answer;
};
const grant = (users: Record<string, string[]>): Promise<Answered> => byAdmin({
  method: 'PUT', path: '/artifactory/api/v2/security/permissions/team', headers: json,
  body: JSON.stringify({ repo: { repositories: repositories.map(({ key }) => key), actions: { users } } }),
});

beforeAll(async () => {
  node = await startLoneNode();
  for (const { key, packageType } of repositories) {
    await byAdmin({ method: 'PUT', path: `/artifactory/api/repositories/${key}`, headers: json, body: JSON.stringify({ rclass: 'local', packageType }) });
  }
  await byAdmin({ method: 'PUT', path: '/artifactory/api/security/users/eve', headers: json, body: JSON.stringify({ password: eve.password, role: 'user' }) });
});
afterAll(() => node[Symbol.asyncDispose]());
beforeEach(async () => { await grant({ eve: ['read', 'annotate', 'write', 'delete'] }); });

const file = (name: string): string => `/artifactory/generic-r/${name}`;
const put = (name: string, body = name): Asked => ({ method: 'PUT', path: file(name), body });
const npm = (rest: string): string => `/artifactory/api/npm/npm-r/${rest}`;
const publication = (name: string, version: string): Asked => {
  const described = { name, version };
  return { method: 'PUT', path: npm(name), headers: json, body: publishBody(described, npmTarball(described)) };
};
const packument = async (name: string): Promise<{ _rev: string; versions: Record<string, Record<string, unknown>> }> =>
  JSON.parse((await byAdmin({ method: 'GET', path: npm(name) })).text) as never;
const distribution = (name: string): Asked => {
  const source = { name, version: '1.0' };
  return { method: 'POST', path: '/artifactory/api/pypi/pypi-r', ...uploadForm(buildWheel(source), source) };
};
const oci = (rest: string): string => `/v2/docker-r/${rest}`;
const octets = { 'content-type': 'application/octet-stream' };
const blob = (name: string, text: string): Asked => ({ method: 'POST', path: `${oci(name)}/blobs/uploads/?digest=${digest(text)}`, headers: octets, body: text });
const image = (name: string, reference = 'latest'): Asked => ({ method: 'PUT', path: `${oci(name)}/manifests/${reference}`, headers: { 'content-type': imageType }, body: manifest(name) });
const withImage = async (name: string): Promise<void> => {
  await byAdmin(blob(name, '{}'));
  await byAdmin(image(name));
};

/** What an administrator makes first, and what is then asked. */
type Change = readonly [kind: string, repository: string, make: () => Promise<Asked>];
const changes: readonly Change[] = [
  ['upload', 'generic-r', async () => put('u/new')],
  ['overwrite', 'generic-r', async () => { await byAdmin(put('o/file')); return put('o/file', 'other'); }],
  ['upload with properties', 'generic-r', async () => put('u/properties;a=b')],
  ['checksum deploy', 'generic-r', async () => {
    await byAdmin(put('c/file'));
    return { method: 'PUT', path: file('c/again'), headers: { 'x-checksum-deploy': 'true', 'x-checksum-sha256': sha256('c/file') } };
  }],
  ['exploded archive', 'generic-r', async () => ({ method: 'PUT', path: file('x/a.zip'), headers: { 'x-explode-archive': 'true' }, body: makeZip([{ name: 'one.txt', content: 'one' }, { name: 'two.txt', content: 'two' }]) })],
  ['folder', 'generic-r', async () => ({ method: 'PUT', path: file('f/') })],
  ['copy', 'generic-r', async () => { await byAdmin(put('copy/a')); return { method: 'POST', path: '/artifactory/api/copy/generic-r/copy?to=/generic-r/copied' }; }],
  ['move', 'generic-r', async () => { await byAdmin(put('move/a')); return { method: 'POST', path: '/artifactory/api/move/generic-r/move/a?to=/generic-r/moved' }; }],
  ['delete', 'generic-r', async () => { await byAdmin(put('d/a')); return { method: 'DELETE', path: file('d/a') }; }],
  ['delete of a folder', 'generic-r', async () => { await byAdmin(put('e/a')); return { method: 'DELETE', path: file('e') }; }],
  ['properties', 'generic-r', async () => { await byAdmin(put('p/a')); return { method: 'PUT', path: '/artifactory/api/storage/generic-r/p/a?properties=a=b' }; }],
  ['removed properties', 'generic-r', async () => { await byAdmin(put('q/a;a=b')); return { method: 'DELETE', path: '/artifactory/api/storage/generic-r/q/a?properties=a' }; }],
  ['npm publish', 'npm-r', async () => publication('published', '1.0.0')],
  ['npm unpublish', 'npm-r', async () => {
    await byAdmin(publication('gone', '1.0.0'));
    return { method: 'DELETE', path: npm(`gone/-rev/${(await packument('gone'))._rev}`) };
  }],
  ['npm dist-tag', 'npm-r', async () => {
    await byAdmin(publication('tagged', '1.0.0'));
    return { method: 'PUT', path: npm('-/package/tagged/dist-tags/next'), headers: json, body: '"1.0.0"' };
  }],
  ['npm deprecate', 'npm-r', async () => {
    await byAdmin(publication('old', '1.0.0'));
    const { _rev, versions, ...others } = await packument('old');
    const body = JSON.stringify({ ...others, _rev, versions: { '1.0.0': { ...versions['1.0.0'], deprecated: 'do not use' } } });
    return { method: 'PUT', path: npm(`old/-rev/${_rev}`), headers: json, body };
  }],
  ['PyPI upload', 'pypi-r', async () => distribution('uploaded')],
  ['PyPI yank', 'pypi-r', async () => { await byAdmin(distribution('yanked')); return { method: 'POST', path: '/artifactory/api/pypi/pypi-r/yanked/1.0/yank', headers: json, body: '{}' }; }],
  ['OCI blob', 'docker-r', async () => blob('blob', 'a layer')],
  ['OCI upload that is finished', 'docker-r', async () => {
    const begun = await send(eve, { method: 'POST', path: `${oci('finished')}/blobs/uploads/` });
    return { method: 'PUT', path: `${new URL(begun.location ?? '', 'http://node').pathname}?digest=${digest('finished')}`, headers: octets, body: 'finished' };
  }],
  ['OCI mount', 'docker-r', async () => {
    await byAdmin(blob('source', 'mounted'));
    return { method: 'POST', path: `${oci('target')}/blobs/uploads/?mount=${digest('mounted')}&from=docker-r/source` };
  }],
  ['OCI manifest', 'docker-r', async () => { await byAdmin(blob('pushed', '{}')); return image('pushed'); }],
  ['OCI tag that is deleted', 'docker-r', async () => { await withImage('untagged'); return { method: 'DELETE', path: oci('untagged/manifests/latest') }; }],
  ['OCI manifest that is deleted', 'docker-r', async () => { await withImage('removed'); return { method: 'DELETE', path: oci(`removed/manifests/${digest(manifest('removed'))}`) }; }],
  ['OCI blob that is deleted', 'docker-r', async () => { await byAdmin(blob('emptied', 'emptied')); return { method: 'DELETE', path: oci(`emptied/blobs/${digest('emptied')}`) }; }],
];

const tables = ['artifact', 'artifact_property', 'npm_dist_tag', 'oci_upload', 'oci_upload_piece'] as const;
const everything = async (): Promise<unknown[]> => {
  const all = [];
  for (const table of tables) all.push((await sql`select to_jsonb(t) as row from ${sql.table(table)} t order by 1`.execute(node.session.db)).rows);
  return all;
};

test.each(changes)('%s: a right that is taken away before the commit counts', async (_kind, repository, make) => {
  const asked = await make();
  const before = await everything();
  const { id } = await node.session.db.selectFrom('repository').select('id').where('key', '=', repository).executeTakeFirstOrThrow();
  const answer = await node.session.db.transaction().execute(async (trx) => {
    await lockPaths(trx, [{ repositoryId: id, path: '' }]);
    const running = send(eve, asked);
    const stands = async (): Promise<boolean> => (await sql`select from pg_locks where locktype = 'advisory' and not granted`.execute(trx)).rows.length > 0;
    await waitFor('the change to stand in its transaction', stands);
    await grant({});
    // the transaction ends, and the change goes on
    return { running };
  }).then(({ running }) => running);
  expect([answer.status, answer.text]).toEqual([403, answer.text]);
  expect(await everything()).toEqual(before);
});

test('who ends the own token with a request is not taken for somebody who was shut out', async () => {
  const made = JSON.parse((await send(eve, { method: 'POST', path: '/artifactory/api/security/token', headers: json, body: '{}' })).text) as { access_token: string };
  const ended = await request(`http://127.0.0.1:${String(node.port)}/artifactory/api/security/token/revoke`, {
    method: 'POST', headers: { ...json, authorization: `Bearer ${made.access_token}` }, body: JSON.stringify({ token: made.access_token }),
  });
  expect([ended.statusCode, await ended.body.text()]).toEqual([200, expect.any(String)]);
});

test('a change that was confirmed just before is over when the revocation is answered', async () => {
  let answered = false;
  let revoking: Promise<unknown> = Promise.resolve();
  await node.session.db.transaction().execute(async (trx) => {
    // what has been confirmed has written, and is about to commit
    await sql`select pg_current_xact_id()`.execute(trx);
    revoking = grant({}).then(() => { answered = true; });
    const withdrawn = async (): Promise<boolean> => (await sql`select from permission_grant`.execute(trx)).rows.length === 0;
    await waitFor('the revocation to be committed', withdrawn);
    expect((await send(eve, { method: 'GET', path: file('u/new') })).status).toBe(403);
    for (let again = 0; again < 5; again += 1) await send(admin, { method: 'GET', path: '/artifactory/api/system/ping' });
    expect(answered).toBe(false);
  });
  await revoking;
});
