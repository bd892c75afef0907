import { createHash } from 'node:crypto';
import { blake2b } from 'hash-wasm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { type NodeClient, sha256, type Answer } from '../../harness/node-client.ts';
import { buildSdist, buildWheel } from '../../harness/python-packages.ts';
import { form, uploadForm, type Form } from '../../harness/upload-form.ts';

let cluster: TestCluster;
const repository = 'pypi-local';

beforeAll(async () => {
  cluster = await startCluster();
  expect((await cluster.nodes[0]!.client.request(`/api/repositories/${repository}`, {
    method: 'PUT', body: JSON.stringify({ key: repository, rclass: 'local', packageType: 'pypi' }), headers: { 'content-type': 'application/json' },
  })).status).toBe(200);
});
afterAll(() => cluster.stop());

const json = { accept: 'application/vnd.pypi.simple.v1+json' };
const upload = (client: NodeClient, sent: Form): Promise<Answer> => client.request(`/api/pypi/${repository}/`, { method: 'POST', ...sent });
const code = (answer: Answer): string => (answer.json() as { errors: { code: string }[] }).errors[0]!.code;

interface Listed { name: string; versions: string[]; files: { filename: string; url: string; hashes: Record<string, string>; size: number; yanked: unknown; 'upload-time': string; 'requires-python'?: string; 'core-metadata': unknown }[] }
async function list(client: NodeClient, project: string): Promise<Listed> {
  const answer = await client.get(`/api/pypi/${repository}/simple/${project}/`, { headers: json });
  expect(answer.status).toBe(200);
  return answer.json() as Listed;
}

it('lists what was uploaded, in JSON and HTML, with its metadata beside it', async () => {
  const source = { name: 'My.First_Pkg', version: '1.0', requiresPython: '>=3.7,<4' };
  const wheel = buildWheel(source);
  const sdist = buildSdist(source);
  const [first, second, third] = cluster.nodes.map((node) => node.client) as [NodeClient, NodeClient, NodeClient];
  const blake2 = await blake2b(wheel.bytes, 256);
  const md5 = createHash('md5').update(wheel.bytes).digest('hex');
  expect((await upload(first, uploadForm(wheel, source, { blake2_256_digest: blake2, md5_digest: md5 }))).status).toBe(200);
  expect((await upload(second, uploadForm(sdist, source))).status).toBe(200);

  const listed = await list(third, 'my-first-pkg');
  expect(listed).toMatchObject({ name: 'my-first-pkg', versions: ['1.0'] });
  expect(listed.files.map((file) => file.filename).sort()).toEqual([sdist.fileName, wheel.fileName].sort());
  const file = listed.files.find((each) => each.filename === wheel.fileName)!;
  expect(file).toMatchObject({
    hashes: { sha256: sha256(wheel.bytes) }, size: wheel.bytes.length, yanked: false, 'requires-python': '>=3.7,<4', 'core-metadata': { sha256: sha256(wheel.metadata) },
  });
  expect(Date.parse(file['upload-time'])).toBeGreaterThan(Date.now() - 600_000);

  const address = new URL(file.url, `http://x/api/pypi/${repository}/simple/my-first-pkg/`).pathname;
  expect((await first.get(address)).body.equals(wheel.bytes)).toBe(true);
  expect((await second.get(`${address}.metadata`)).text()).toBe(wheel.metadata);
  expect((await second.get(`/${repository}/my-first-pkg/1.0/${wheel.fileName}`)).body.equals(wheel.bytes)).toBe(true);

  const html = await second.get(`/api/pypi/${repository}/simple/my-first-pkg/`, { headers: { accept: 'text/html' } });
  expect(html.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(html.text()).toContain(`<a href="${file.url}#sha256=${sha256(wheel.bytes)}" data-requires-python="&gt;=3.7,&lt;4" data-dist-info-metadata="sha256=${sha256(wheel.metadata)}"`);
  const again = await second.get(`/api/pypi/${repository}/simple/my-first-pkg/`, { headers: { 'if-none-match': html.headers['etag'] as string } });
  expect(again.status).toBe(304);

  expect((await third.get(`/api/pypi/${repository}/simple/`, { headers: json })).json()).toEqual({ meta: { 'api-version': '1.1' }, projects: [{ name: 'my-first-pkg' }] });
  for (const spelled of ['My.First_Pkg', 'My.First_Pkg/', 'my-first-pkg']) {
    const moved = await first.get(`/api/pypi/${repository}/simple/${spelled}`);
    expect([moved.status, moved.headers['location']]).toEqual([301, expect.stringMatching(/\/artifactory\/api\/pypi\/pypi-local\/simple\/my-first-pkg\/$/)]);
  }
  expect((await first.get(`/api/pypi/${repository}/simple/my-first-pkg/`, { headers: { accept: 'image/png' } })).status).toBe(406);

  const described = (await first.get(`/api/pypi/${repository}/pypi/my-first-pkg/json`)).json() as { info: Record<string, unknown>; releases: Record<string, unknown[]> };
  expect(described.info).toMatchObject({ name: 'My.First_Pkg', version: '1.0', summary: 'made by a test', requires_python: '>=3.7,<4' });
  expect(described.releases['1.0']).toHaveLength(2);
  expect((await first.get(`/api/pypi/${repository}/pypi/my-first-pkg/1.0.0/json`)).status).toBe(404);
  expect((await first.get(`/api/pypi/${repository}/pypi/my-first-pkg/1.0/json`)).status).toBe(200);
});

it('stores nothing of an upload that is wrong', async () => {
  const source = { name: 'refused', version: '1.0' };
  const wheel = buildWheel(source);
  const { client } = cluster.nodes[0]!;
  const other = '0'.repeat(64);
  const refusals: [string, Form, number][] = [
    ['CHECKSUM_MISMATCH', uploadForm(wheel, source, { sha256_digest: other }), 409],
    ['CHECKSUM_MISMATCH', uploadForm(wheel, source, { sha256_digest: null, md5_digest: other.slice(32) }), 409],
    ['CHECKSUM_MISMATCH', uploadForm(wheel, source, { blake2_256_digest: other }), 409],
    ['CHECKSUM_INVALID', uploadForm(wheel, source, { sha256_digest: 'abc' }), 400],
    ['PACKAGE_INVALID', uploadForm(wheel, source, { ':action': 'submit' }), 400],
    ['PACKAGE_INVALID', uploadForm(wheel, source, { name: '../refused' }), 400],
    ['PACKAGE_INVALID', uploadForm(wheel, source, { name: 'another' }), 400],
    ['PACKAGE_INVALID', uploadForm(wheel, source, { version: '2.0' }), 400],
    ['PACKAGE_INVALID', uploadForm(wheel, source, { version: 'one' }), 400],
    ['PACKAGE_INVALID', uploadForm(wheel, source, { filetype: 'sdist' }), 400],
    ['PACKAGE_INVALID', uploadForm({ ...wheel, fileName: `../../${wheel.fileName}` }, source), 400],
    ['PACKAGE_INVALID', uploadForm({ ...wheel, fileName: `x/${wheel.fileName}` }, source), 400],
    ['PACKAGE_INVALID', uploadForm({ ...wheel, fileName: wheel.fileName.replace('1.0', '2.0') }, { ...source, version: '2.0' }), 400],
    ['PACKAGE_INVALID', uploadForm({ ...wheel, bytes: Buffer.from('this is no archive') }, source), 400],
    ['PACKAGE_INVALID', uploadForm({ ...wheel, bytes: wheel.bytes.subarray(0, -40) }, source), 400],
    ['BODY_INVALID', form([['name', 'refused'], ['version', '1.0']]), 400],
    ['BODY_INVALID', form([[':action', 'file_upload'], ['name', 'refused'], ['name', 'other'], ['version', '1.0'], ['content', wheel.bytes, wheel.fileName]]), 400],
    ['BODY_INVALID', form([[':action', 'file_upload'], ['name', 'refused'], ['version', '1.0'], ['content', wheel.bytes, wheel.fileName], ['sha256_digest', other]]), 400],
    ['MEDIA_TYPE_UNSUPPORTED', { body: wheel.bytes, headers: { 'content-type': 'application/octet-stream' } }, 415],
    ['MEDIA_TYPE_UNSUPPORTED', { body: Buffer.from('x'), headers: { 'content-type': 'multipart/form-data' } }, 415],
    ['BODY_INVALID', { body: Buffer.from('x'), headers: { 'content-type': 'multipart/form-data; boundary' } }, 400],
  ];
  const whole = uploadForm(wheel, source);
  refusals.push(['BODY_INVALID', { ...whole, body: whole.body.subarray(0, -60) }, 400]);
  for (const [index, [expected, sent, status]] of refusals.entries()) {
    const answer = await upload(client, sent);
    expect(`${String(index)} ${String(answer.status)} ${code(answer)}`).toBe(`${String(index)} ${String(status)} ${expected}`);
  }
  expect((await client.get(`/api/pypi/${repository}/simple/refused/`)).status).toBe(404);
  expect((await upload(client, whole)).status).toBe(200);
  // no other repository takes uploads of this kind
  expect((await client.request('/api/pypi/generic-local/', { method: 'POST', ...whole })).status).toBe(404);
  expect((await client.request(`/api/pypi/${repository}/`, { method: 'POST', ...whole, as: null })).status).toBe(401);
});

it('takes the same file again for done, and another one under its name for a mistake', async () => {
  const source = { name: 'twice', version: '1.0' };
  const wheel = buildWheel(source);
  const other = buildWheel({ ...source, code: 'print("other")\n' });
  const [first, second] = cluster.nodes.map((node) => node.client) as [NodeClient, NodeClient];
  expect((await upload(first, uploadForm(wheel, source))).status).toBe(200);
  expect((await upload(second, uploadForm(wheel, source))).status).toBe(200);
  expect((await upload(second, uploadForm(wheel, source, { sha256_digest: null }))).status).toBe(200);
  const refused = await upload(second, uploadForm(other, source));
  expect([refused.status, code(refused)]).toEqual([409, 'ARTIFACT_EXISTS']);
  expect((await list(first, 'twice')).files).toMatchObject([{ hashes: { sha256: sha256(wheel.bytes) } }]);
});

it('lists exactly what was acknowledged, on every node, while versions of one project come from everywhere and some go', async () => {
  const versions = Array.from({ length: 90 }, (_, index) => `1.${String(index)}`);
  const failed: string[] = [];
  await Promise.all([0, 1, 2, 3, 4, 5].map(async (worker) => {
    for (const [index, version] of versions.entries()) {
      if (index % 6 !== worker) continue;
      const source = { name: 'crowd', version };
      const client = cluster.nodes[(index + worker) % 3]!.client;
      const wheel = buildWheel(source);
      const answer = await upload(client, uploadForm(wheel, source));
      if (answer.status !== 200) failed.push(`${version}: ${String(answer.status)} ${answer.text()}`);
      const other = cluster.nodes[(index + worker + 1) % 3]!.client;
      if (!(await list(other, 'crowd')).versions.includes(version)) failed.push(`${version} is not listed elsewhere right after it was acknowledged`);
      if (index % 5 === 0) {
        expect((await other.delete(`/${repository}/crowd/${version}/`)).status).toBe(204);
        if ((await list(client, 'crowd')).versions.includes(version)) failed.push(`${version} is still listed after it was deleted`);
      }
    }
  }));
  expect(failed).toEqual([]);
  const expected = versions.filter((_, index) => index % 5 !== 0);
  for (const node of cluster.nodes) expect((await list(node.client, 'crowd')).versions).toEqual(expected);
});

it('yanks and takes it back, on every node at once', async () => {
  const [first, second, third] = cluster.nodes.map((node) => node.client) as [NodeClient, NodeClient, NodeClient];
  for (const version of ['1.0', '2.0']) await upload(first, uploadForm(buildWheel({ name: 'regret', version }), { name: 'regret', version }));
  const yanked = async (client: NodeClient): Promise<unknown[]> => (await list(client, 'regret')).files.map((file) => file.yanked);
  expect(await yanked(second)).toEqual([false, false]);
  const before = (await second.get(`/api/pypi/${repository}/simple/regret/`)).headers['last-modified'] as string;
  expect((await third.post(`/api/pypi/${repository}/Regret/2.0/yank`, { reason: 'breaks <everything>' })).json()).toMatchObject({ yanked: true, files: ['regret-2.0-py3-none-any.whl'] });
  for (const { client } of cluster.nodes) expect(await yanked(client)).toEqual([false, 'breaks <everything>']);
  expect((await first.get(`/api/pypi/${repository}/simple/regret/`)).text()).toContain('data-yanked="breaks &lt;everything&gt;"');
  // nothing in the list is newer, and it is another one
  expect((await second.get(`/api/pypi/${repository}/simple/regret/`, { headers: { 'if-modified-since': before } })).status).toBe(200);
  // a copy has the same one place
  expect((await first.post(`/api/copy/${repository}/regret/2.0?to=/${repository}/kept-elsewhere`)).status).toBe(409);
  expect((await second.post(`/api/pypi/${repository}/regret/2.0/unyank`)).status).toBe(200);
  for (const { client } of cluster.nodes) expect(await yanked(client)).toEqual([false, false]);
  expect((await second.post(`/api/pypi/${repository}/regret/3.0/yank`)).status).toBe(404);
  expect((await second.post(`/api/pypi/${repository}/regret/2.0/yank`, { reason: 'x', files: [] })).status).toBe(400);
});

it('lists what is put by its path, copied and moved, and refuses places where nothing would find it', async () => {
  const [first, second] = cluster.nodes.map((node) => node.client) as [NodeClient, NodeClient];
  const wheel = buildWheel({ name: 'Plain', version: '1.0', requiresPython: '>=3.6' });
  expect((await first.put(`/${repository}/plain/1.0/${wheel.fileName}`, wheel.bytes)).status).toBe(201);
  expect((await list(second, 'plain')).files).toMatchObject([{ 'requires-python': '>=3.6', 'core-metadata': { sha256: sha256(wheel.metadata) } }]);
  for (const path of [`plain/${wheel.fileName}`, `Plain/1.0/${wheel.fileName}`, `plain/1.0.0/${wheel.fileName}`, wheel.fileName, `plain/1.0/x/${wheel.fileName}`]) {
    const answer = await first.put(`/${repository}/${path}`, wheel.bytes);
    expect([path, answer.status, code(answer)]).toEqual([path, 409, 'LAYOUT_VIOLATION']);
  }
  await first.request('/api/repositories/pypi-other', { method: 'PUT', body: JSON.stringify({ key: 'pypi-other', rclass: 'local', packageType: 'pypi' }), headers: { 'content-type': 'application/json' } });
  expect((await second.get('/api/pypi/pypi-other/simple/plain/')).status).toBe(404);
  expect((await first.post(`/api/move/${repository}/plain?to=/pypi-other/plain`)).status).toBe(200);
  expect((await second.get(`/api/pypi/${repository}/simple/plain/`)).status).toBe(404);
  expect((await second.get('/api/pypi/pypi-other/simple/plain/', { headers: json })).json()).toMatchObject({ files: [{ 'requires-python': '>=3.6' }] });
  expect((await second.get('/api/pypi/pypi-other/packages/plain/1.0/plain-1.0-py3-none-any.whl.metadata')).text()).toBe(wheel.metadata);
});

it('gives an upload and a yank that are sent again their first answers, and changes nothing; what is restored from the trash can is listed as before', async () => {
  const [first, second, third] = clientsOf();
  const source = { name: 'replayed', version: '1.0', requiresPython: '>=3.8' };
  const sent = uploadForm(buildWheel(source), source);
  const again = (client: NodeClient): Promise<Answer> => upload(client, { ...sent, headers: { ...sent.headers, 'x-bulkhead-request-id': 'upload-1' } });
  expect((await again(first)).status).toBe(200);
  const before = await list(second, 'replayed');
  expect((await second.delete(`/${repository}/replayed/1.0/`)).status).toBe(204);
  expect((await again(third)).status).toBe(200);
  expect((await first.get(`/api/pypi/${repository}/simple/replayed/`)).status).toBe(404);
  expect((await second.post(`/api/trash/restore/${repository}/replayed`)).status).toBe(200);
  expect((await list(third, 'replayed')).files).toMatchObject(before.files.map(({ 'upload-time': _, ...file }) => file));

  const yanking = (client: NodeClient): Promise<Answer> => client.post(`/api/pypi/${repository}/replayed/1.0/yank`, { reason: 'x' }, { headers: { 'x-bulkhead-request-id': 'yank-1' } });
  const answer = await yanking(first);
  expect((await second.post(`/api/pypi/${repository}/replayed/1.0/unyank`)).status).toBe(200);
  expect((await yanking(third)).json()).toEqual(answer.json());
  expect((await list(first, 'replayed')).files[0]?.yanked).toBe(false);
});

function clientsOf(): [NodeClient, NodeClient, NodeClient] {
  return cluster.nodes.map((node) => node.client) as [NodeClient, NodeClient, NodeClient];
}
