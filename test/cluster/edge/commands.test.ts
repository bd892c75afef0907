import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Workshop, type Ended } from './workshop.ts';

let workshop: Workshop;
let database: string;

beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());
beforeEach(async () => {
  database = await workshop.postgres.createDatabase();
});

const configFile = (more: Record<string, unknown> = {}): Promise<string> => workshop.config(database, { more });
const command = (...args: string[]): Promise<Ended> => workshop.command(...args);

test('version and help need nothing', async () => {
  const { code, stdout } = await command('version', '--json');
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string }]);
  const help = await command('--help');
  expect(help.stdout).toContain('Exit status:');
  expect((await command('frobnicate')).code).toBe(2);
  expect((await command('serve')).code).toBe(2);
});

test('check-config names every problem and ends with 3', async () => {
  expect(await command('check-config', '--config', await configFile())).toMatchObject({ code: 0 });
  const bad = await command('check-config', '--config', await configFile({ nonsense: 1, http: { maxInFlight: 'many' } }), '--json');
  expect(bad.code).toBe(3);
  expect(JSON.parse(bad.stderr)).toMatchObject({ error: { code: 'CONFIG_INVALID', details: { problems: [{ path: 'http.maxInFlight' }, { path: 'nonsense' }] } } });
  const plain = await command('check-config', '--config', await configFile({ nonsense: 1 }));
  expect(plain.stderr).toMatch(/node-\d+\.yaml:\d+:1: nonsense: is not a known key/);
});

test('several nodes may migrate at once; one creates the cluster', async () => {
  const file = await configFile();
  const ended = await Promise.all(Array.from({ length: 4 }, () => command('migrate', '--config', file, '--json')));
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 4 }, () => [0, '']));
  const reports = ended.map(({ stdout }) => JSON.parse(stdout) as { applied: number[]; created: boolean; cluster: { id: string } });
  expect(reports.filter((report) => report.created)).toHaveLength(1);
  expect(new Set(reports.map((report) => report.cluster.id)).size).toBe(1);
  const applied = reports.flatMap((report) => report.applied);
  expect(applied).toEqual([...new Set(applied)]);
  const repositories = await workshop.postgres.query('select key from repository order by key', database);
  expect(repositories.map((row) => row['key'])).toEqual(['generic-local', 'maven-releases', 'maven-snapshots']);
});

test('a schema from the future is refused, unless it says that this version may serve it', async () => {
  const file = await configFile();
  expect((await command('migrate', '--config', file)).code).toBe(0);
  await workshop.postgres.query(`insert into schema_migration (number, name, serves_from) values (9001, 'later', 1)`, database);
  expect((await command('migrate', '--config', file)).code).toBe(0);
  await workshop.postgres.query(`insert into schema_migration (number, name, serves_from) values (9002, 'much later', 9000)`, database);
  const refused = await command('migrate', '--config', file, '--json');
  expect(refused.code).toBe(6);
  expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'VERSION_UNSUPPORTED', details: { migration: 'much later', needed: 9000 } } });
});

test('a creation that was cut off after the filestore was marked is finished with the same id', async () => {
  const file = await configFile();
  await command('migrate', '--config', file);
  const before = await workshop.postgres.query('select id from cluster', database);
  await workshop.postgres.query('delete from repository', database);
  await workshop.postgres.query('delete from cluster', database);
  const again = await command('migrate', '--config', file, '--json');
  expect(again).toMatchObject({ code: 0 });
  expect(await workshop.postgres.query('select id from cluster', database)).toEqual(before);
});

test('the filestore of another cluster is refused', async () => {
  await command('migrate', '--config', await configFile());
  const other = await workshop.postgres.createDatabase();
  const file = await workshop.config(other, { files: database });
  const refused = await command('migrate', '--config', file, '--json');
  expect([refused.code, (JSON.parse(refused.stderr) as { error: { code: string } }).error.code]).toEqual([6, 'FILESTORE_FOREIGN']);
  expect(await workshop.postgres.query('select id from cluster', other)).toEqual([]);
});

test('the first administrator is made once, whoever comes first, and can be reset', async () => {
  const file = await configFile();
  const both = await Promise.all([command('init-admin', '--config', file, '--json'), command('init-admin', '--config', file, '--json')]);
  expect(both.map(({ code }) => code).sort()).toEqual([0, 6]);
  const made = JSON.parse(both.find(({ code }) => code === 0)?.stdout ?? '') as { user: string; password: string };
  expect(made).toEqual({ user: 'admin', password: expect.stringMatching(/^[a-z2-9]{26}$/) as string });
  const refused = both.find(({ code }) => code === 6)?.stderr ?? '';
  expect(JSON.parse(refused)).toMatchObject({ error: { code: 'ADMIN_EXISTS' } });
  const reset = await command('reset-admin', '--config', file);
  expect(reset.code).toBe(0);
  expect(reset.stdout).toMatch(/^The password of admin is [a-z2-9]{26}\n/);
  expect(reset.stdout).not.toContain(made.password);
  const stored = await workshop.postgres.query('select password from user_account', database);
  expect(stored[0]?.['password']).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
});

test('the first administrator is made with a password that the caller knows, and again with the same one', async () => {
  const file = await configFile();
  const make = (password: string): Promise<Ended> => workshop.commandWith(`${password}\n`, 'init-admin', '--password-stdin', '--config', file, '--json');
  expect((await make('short')).code).not.toBe(0);
  for (const time of ['first', 'again']) expect([time, await make('known beforehand')]).toMatchObject([time, { code: 0, stdout: '{"user":"admin"}\n' }]);
  const other = await make('another password');
  expect([other.code, JSON.parse(other.stderr)]).toMatchObject([6, { error: { code: 'ADMIN_EXISTS' } }]);
});

test('a database that is not there ends with 5 and no stack', async () => {
  const file = await configFile({ database: { host: '127.0.0.1', port: 1, name: 'x', user: 'x' } });
  const ended = await command('migrate', '--config', file);
  expect(ended.code).toBe(5);
  expect(ended.stderr).not.toMatch(/\n\s+at /);
});
