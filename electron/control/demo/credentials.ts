import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DemoFolder } from './folder.ts';
import { writeAtomically } from './process/index.ts';

const admin = z.object({ user: z.string(), password: z.string() });
export type AdminCredentials = z.infer<typeof admin>;

/** Files with one secret each, for their owner only; nodes are given the file names. */
export interface DemoSecrets {
  readonly clusterKeyFile: string;
  readonly databasePasswordFile: string;
  readonly databasePassword: string;
  readonly superuserPassword: string;
}

/** Reads the secrets of a data folder, making those that are not there yet. */
export async function ensureSecrets(folder: DemoFolder): Promise<DemoSecrets> {
  await mkdir(folder.secrets, { recursive: true, mode: 0o700 });
  const secret = async (name: string, bytes: number, encoding: 'base64' | 'base64url'): Promise<{ file: string; value: string }> => {
    const file = join(folder.secrets, name);
    const found = await readFile(file, 'utf8').catch(() => '');
    if (found.trim() !== '') return { file, value: found.trim() };
    const value = randomBytes(bytes).toString(encoding);
    await writeAtomically(file, `${value}\n`, 0o600);
    return { file, value };
  };
  const clusterKey = await secret('cluster.key', 48, 'base64');
  const database = await secret('database.password', 24, 'base64url');
  const superuser = await secret('superuser.password', 24, 'base64url');
  return {
    clusterKeyFile: clusterKey.file,
    databasePasswordFile: database.file,
    databasePassword: database.value,
    superuserPassword: superuser.value,
  };
}

/** The administrator of the demo; null before the first start has made one. */
export async function readAdmin(folder: DemoFolder): Promise<AdminCredentials | null> {
  try {
    return admin.parse(JSON.parse(await readFile(folder.adminFile, 'utf8')));
  } catch {
    return null;
  }
}

export async function writeAdmin(folder: DemoFolder, credentials: AdminCredentials): Promise<void> {
  await writeAtomically(folder.adminFile, `${JSON.stringify(credentials)}\n`, 0o600);
}
