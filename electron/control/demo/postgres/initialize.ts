import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import { runToEnd } from '../process/index.ts';
import { commandAs, type DatabaseAccount } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';

export interface InitialDatabase {
  readonly superuserPassword: string;
  /** the role that nodes log in as; no superuser */
  readonly role: string;
  readonly rolePassword: string;
  /** owned by the role */
  readonly database: string;
}

export const unfinishedName = 'data.unfinished';

/**
 * Makes the data folder with role and database in it. Works beside its final place and is renamed there at the end,
 * so that an interrupted run leaves nothing that looks like a database.
 *
 * @param folder parent of `data`
 */
export async function initializeDatabase(
  binaries: PostgresBinaries, account: DatabaseAccount | null, folder: string, initial: InitialDatabase, signal?: AbortSignal,
): Promise<void> {
  const unfinished = join(folder, unfinishedName);
  await rm(unfinished, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  await mkdir(unfinished, { mode: 0o700 });
  const passwordFile = join(folder, 'superuser.initial');
  await writeFile(passwordFile, initial.superuserPassword, { mode: 0o600 });
  try {
    if (account !== null) {
      await chown(unfinished, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    await run(account, binaries.initdb, [
      '--pgdata', unfinished, '--username', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256',
      '--encoding=UTF8', '--locale=C', '--no-instructions',
    ], '', signal);
    // a server of one user, without any listener: nobody can come in before role and database are there
    await run(account, binaries.postgres, ['--single', '-D', unfinished, '-c', 'exit_on_error=true', 'postgres'], statements(initial), signal);
    await rename(unfinished, join(folder, 'data'));
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** One statement a line, as the single-user server reads them. */
function statements(initial: InitialDatabase): string {
  const role = identifier(initial.role);
  return [
    `create role ${role} login nosuperuser nocreatedb nocreaterole password ${literal(initial.rolePassword)}`,
    `create database ${identifier(initial.database)} owner ${role}`,
    '',
  ].join('\n');
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function run(
  account: DatabaseAccount | null, program: string, args: readonly string[], input: string, signal?: AbortSignal,
): Promise<void> {
  const { exitCode, stdout, stderr } = await runToEnd({ ...commandAs(account, program, args), input }, signal);
  if (exitCode === 0) return;
  const lines = `${stdout}${stderr}`.trimEnd().split('\n').slice(-20);
  throw new BulkheadError('DEMO_START_FAILED', 'The database could not be created', { details: { step: 'initdb', exitCode, lines } });
}
