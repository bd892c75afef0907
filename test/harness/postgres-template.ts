import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from '../../electron/control/demo/postgres/binaries.ts';
import { asDatabaseUser, giveToDatabaseUser } from './database-user.ts';
import { testCache } from './test-cache.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);
const superuser = 'postgres';
const options = ['-U', superuser, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'] as const;

/**
 * Fills an empty folder with what `initdb` makes: by a copy, because it takes ten times as long itself. So the servers of one checkout have the same
 * superuser, the same password and the same system identifier.
 *
 * @param data a folder that does not exist yet, whose parent the database's user may read
 */
export async function createDataFolder(binaries: PostgresBinaries, data: string): Promise<{ readonly user: string; readonly password: string }> {
  const template = await templateFor(binaries);
  await run('cp', ['-a', join(template, 'data'), data]);
  return { user: superuser, password: await readFile(join(template, 'password'), 'utf8') };
}

/** Made once, by whoever comes first; when two come at once, one of theirs stays. */
async function templateFor(binaries: PostgresBinaries): Promise<string> {
  const { size, mtimeMs } = await stat(binaries.initdb);
  const recipe = createHash('sha256').update(JSON.stringify([binaries.initdb, size, mtimeMs, options, process.getuid?.()])).digest('hex').slice(0, 12);
  const template = join(testCache, `postgres-${recipe}`);
  if (await exists(join(template, 'password'))) return template;
  await using folder = await temporaryFolder('initdb');
  const draft = `${template}.draft-${String(process.pid)}`;
  try {
    await mkdir(draft, { recursive: true });
    const passwordFile = join(folder.path, 'password');
    const data = join(folder.path, 'data');
    await mkdir(data, { mode: 0o700 });
    await writeFile(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
    for (const each of [folder.path, passwordFile, data]) await giveToDatabaseUser(each);
    const [command, args] = asDatabaseUser(binaries.initdb, ['-D', data, `--pwfile=${passwordFile}`, ...options]);
    await run(command, args, { cwd: '/', env: { ...process.env, LC_ALL: 'C' } });
    await run('cp', ['-a', data, passwordFile, draft]);
    await rename(draft, template).catch(async (error: unknown) => {
      if (!await exists(join(template, 'password'))) throw error;
    });
    return template;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
