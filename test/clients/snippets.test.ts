import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setupsFor, type ClientSetup } from '../../renderer/repositories/client-snippets.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { startForgetfulFront, type ForgetfulFront } from '../harness/forgetful-front.ts';
import { freePort } from '../harness/free-port.ts';
import { buildWheel } from '../harness/python-packages.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { deployDebianRepository, pluginVersions, repositoryKey, requireMaven } from './maven/debian-repository.ts';
import { writePackage } from './npm/project.ts';
import { ImageLayout } from './oci/image-layout.ts';
import { PythonClients } from './python/python-clients.ts';
import { Terminal } from './snippets/terminal.ts';

/** "Set me up", as the app shows it: each text is pasted as it stands, and the real client has to work with it, through a balancer that forgets who asked. */
const run = promisify(execFile);
let cluster: TestCluster;
let folder: TemporaryFolder;
let front: ForgetfulFront;
let token: string;

beforeAll(async () => {
  requireMaven();
  const port = await freePort();
  front = await startForgetfulFront(port, () => cluster.balancer.url);
  cluster = await startCluster({ config: { baseUrl: `http://127.0.0.1:${String(port)}` } });
  folder = await temporaryFolder('snippets');
  const made = await cluster.balancer.client.request('/api/security/token', { method: 'POST', body: JSON.stringify({ username: cluster.admin.user }), headers: { 'content-type': 'application/json' } });
  expect(made.status, made.text()).toBe(200);
  token = (made.json() as { access_token: string }).access_token;
  await repository('files', { rclass: 'local', packageType: 'generic' });
  await repository('our-npm', { rclass: 'local', packageType: 'npm' });
  await repository('our-pypi', { rclass: 'local', packageType: 'pypi' });
  await repository('our-images', { rclass: 'local', packageType: 'docker' });
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await folder.remove();
  await cluster.stop();
});

async function repository(key: string, json: Readonly<Record<string, unknown>>): Promise<void> {
  const made = await cluster.balancer.client.put(`/api/repositories/${key}`, JSON.stringify(json), { headers: { 'content-type': 'application/json' } });
  expect(made.status, made.text()).toBe(200);
}

/** The texts for one client of one repository, with the address that the cluster gives out. */
async function setUp(key: string, client: string): Promise<{ setup: ClientSetup; text: (label: string | RegExp) => string }> {
  const listed = (await cluster.balancer.client.get('/api/repositories')).json() as { key: string; type: string; packageType: string; url: string }[];
  const found = listed.find((each) => each.key === key);
  if (found === undefined) throw new Error(`${key} is not listed`);
  const rclass = found.type.toLowerCase() === 'virtual' ? 'virtual' : 'local';
  const setup = setupsFor({ key, rclass, packageType: found.packageType.toLowerCase(), url: found.url, user: cluster.admin.user, takesUploads: true }).find((each) => each.client === client);
  if (setup === undefined) throw new Error(`nothing is said about ${client}`);
  return { setup, text: (label) => {
    const snippet = setup.snippets.find((each) => (typeof label === 'string' ? each.label === label : label.test(each.label)));
    if (snippet === undefined) throw new Error(`${client} has no ${String(label)}: ${setup.snippets.map((each) => each.label).join(', ')}`);
    return snippet.text;
  } };
}

const terminal = (name: string): Terminal => new Terminal(join(folder.path, name), { BULKHEAD_TOKEN: token });
const ask = (question: RegExp): [RegExp, string] => [question, cluster.admin.password];

it('curl: upload, download, delete', async () => {
  const { text } = await setUp('files', 'curl');
  const person = terminal('curl');
  const content = randomBytes(200_000);
  await mkdir(join(person.home, 'in'), { recursive: true });
  await writeFile(join(person.home, 'in/app.tar.gz'), content);
  await person.paste('in', text('Upload'), [ask(/password/i)]);
  await person.paste('out', text('Download'), [ask(/password/i)]);
  expect(createHash('sha256').update(await readFile(join(person.home, 'out/app.tar.gz'))).digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
  await person.paste('out', text('Delete'), [ask(/password/i)]);
  await expect(person.paste('out', text('Download'), [ask(/password/i)])).rejects.toThrow(/404/);
});

it('Maven: settings.xml and pom.xml of a virtual repository, for releases and snapshots', async () => {
  await deployDebianRepository(cluster.balancer.client);
  await repository('our-libraries', { rclass: 'local', packageType: 'maven' });
  await repository('maven', { rclass: 'virtual', packageType: 'maven', repositories: ['our-libraries', repositoryKey], defaultDeploymentRepo: 'our-libraries' });
  const { text } = await setUp('maven', 'Maven');
  const person = terminal('maven');
  await person.write('~/.m2/settings.xml', text('~/.m2/settings.xml'));
  const pinned = [...await pluginVersions()].map(([name, version]) => `<plugin><artifactId>${name}</artifactId><version>${version}</version></plugin>`);
  const pom = (artifact: string, version: string, more: string): string => [
    '<project xmlns="http://maven.apache.org/POM/4.0.0">', '<modelVersion>4.0.0</modelVersion>', `<groupId>org.example</groupId><artifactId>${artifact}</artifactId><version>${version}</version><packaging>pom</packaging>`,
    text(/^pom\.xml/), more, `<build><plugins>${pinned.join('')}</plugins></build>`, '</project>',
  ].join('\n');
  // Java takes the home of the account, not the one of the environment; the name behind the label of the snippet is what is run
  const maven = `export MAVEN_OPTS="-Duser.home=$HOME -XX:TieredStopAtLevel=1"\nmvn -B`;
  for (const version of ['1.0', '1.1-SNAPSHOT']) {
    await person.write('~/library/pom.xml', pom('library', version, ''));
    await person.write('~/application/pom.xml', pom('application', '1.0', `<dependencies><dependency><groupId>org.example</groupId><artifactId>library</artifactId><version>${version}</version><type>pom</type></dependency></dependencies>`));
    expect(await person.paste('library', `${maven} deploy`)).toContain('BUILD SUCCESS');
    // what was deployed through it is found through it, on a machine that has never seen it
    await person.paste('', 'rm -rf .m2/repository/org/example');
    expect(await person.paste('application', `${maven} install`)).toContain('BUILD SUCCESS');
  }
  const stored = (await cluster.balancer.client.get('/api/storage/our-libraries/org/example/library?list&deep=1')).text();
  expect(stored).toContain('/1.0/library-1.0.pom');
  expect(stored).toMatch(/\/1\.1-SNAPSHOT\/library-1\.1-\d{8}\.\d{6}-1\.pom/);
});

it('Ivy: resolves, and publishes', async () => {
  await repository('ivy-libraries', { rclass: 'local', packageType: 'maven' });
  const { client } = cluster.balancer;
  expect((await client.put('/ivy-libraries/org/example/needed/1.0/needed-1.0.jar', 'needed')).status).toBe(201);
  expect((await client.put('/ivy-libraries/org/example/needed/1.0/needed-1.0.pom', '<project><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId><artifactId>needed</artifactId><version>1.0</version></project>')).status).toBe(201);
  const { text } = await setUp('ivy-libraries', 'Ivy');
  const person = terminal('ivy');
  await person.write('~/project/ivysettings.xml', text('ivysettings.xml'));
  await person.write('~/project/ivy.xml', [
    '<ivy-module version="2.0">', '<info organisation="org.example" module="made"/>', '<publications><artifact name="made" type="jar" ext="jar"/></publications>',
    '<dependencies><dependency org="org.example" name="needed" rev="1.0"/></dependencies>', '</ivy-module>',
  ].join('\n'));
  await person.write('~/project/build/made.jar', 'made');
  await person.write('~/project/build.xml', [
    '<project default="publish" xmlns:ivy="antlib:org.apache.ivy.ant">', '<target name="publish">', '<ivy:settings file="ivysettings.xml"/>', '<ivy:resolve/>', '<ivy:retrieve pattern="lib/[artifact].[ext]"/>',
    text(/^build\.xml/), '</target>', '</project>',
  ].join('\n'));
  expect(await person.paste('project', 'ANT_OPTS="-Duser.home=$HOME" ant -lib /usr/share/java/ivy.jar -Dbulkhead.token=$BULKHEAD_TOKEN')).toContain('BUILD SUCCESSFUL');
  expect(await readFile(join(person.home, 'project/lib/needed.jar'), 'utf8')).toBe('needed');
  expect((await client.get('/ivy-libraries/org/example/made/1.0/made-1.0.jar')).text()).toBe('made\n');
});

it('npm: log in, publish, and install with a token from the environment', async () => {
  const { text } = await setUp('our-npm', 'npm');
  const person = terminal('npm');
  await writePackage(join(person.home, 'library'), { name: 'from-a-snippet', version: '1.0.0', main: 'index.js' }, { 'index.js': 'module.exports = 42;\n' });
  await person.paste('library', text('Log in, and use it'), [[/username/i, cluster.admin.user], ask(/password/i)]);
  await person.paste('library', text('Publish'));
  const other = terminal('npm-project');
  await writePackage(join(other.home, 'application'), { name: 'application', version: '1.0.0' });
  await other.write('~/application/.npmrc', text(/^\.npmrc/));
  await other.paste('application', 'npm install from-a-snippet --no-fund --no-audit --no-update-notifier');
  expect(JSON.parse(await readFile(join(other.home, 'application/node_modules/from-a-snippet/package.json'), 'utf8'))).toMatchObject({ version: '1.0.0' });
});

it('twine and pip: upload, and download', async () => {
  await PythonClients.prepare(join(folder.path, 'python'), cluster.admin);
  const upload = await setUp('our-pypi', 'twine');
  // Debian's own Python has Debian's pip and twine
  const person = new Terminal(join(folder.path, 'pypi'), { PATH: '/usr/bin:/bin', PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_RETRIES: '0' });
  const { fileName, bytes } = buildWheel({ name: 'from-a-snippet', version: '1.0' });
  await mkdir(join(person.home, 'project/dist'), { recursive: true });
  await writeFile(join(person.home, 'project/dist', fileName), bytes);
  await person.write('~/.pypirc', upload.text('~/.pypirc'));
  await person.paste('project', upload.text('Upload'), [ask(/password/i)]);
  const { text } = await setUp('our-pypi', 'pip');
  await person.write('~/.config/pip/pip.conf', text('~/.config/pip/pip.conf'));
  await person.write('~/.netrc', text('~/.netrc').replace('YOUR_TOKEN', token));
  await person.paste('fetched', 'python3 -m pip download --no-cache-dir from-a-snippet');
  expect(await readFile(join(person.home, 'fetched', fileName))).toEqual(bytes);
});

it('skopeo: log in, copy to it and from it', async () => {
  await run('skopeo', ['--version']).catch(() => { throw new Error('this test needs: apt-get install -y --no-install-recommends skopeo'); });
  const { text } = await setUp('our-images', 'skopeo');
  const person = terminal('skopeo');
  await person.write('~/.config/containers/policy.json', JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const digest = await new ImageLayout(join(person.home, 'image')).write('1.0', ['amd64', 'arm64'], 20_000);
  await person.paste('', text('Log in'), [ask(/password/i)]);
  await person.paste('', text(/^Copy to it/).replace('docker://SOURCE/hello:1.0', 'oci:image:1.0'));
  await person.paste('', text('Copy from it'));
  const manifest = await readFile(join(person.home, 'hello/manifest.json'));
  expect(`sha256:${createHash('sha256').update(manifest).digest('hex')}`).toBe(digest);
});
