import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { BulkheadError, errorCodes, type ErrorCode } from '../../../server-bundle/contract/index.ts';
import { databaseFacts, type DatabaseFacts, type DatabaseTrial } from '../../contract/index.ts';

/** The node as a program of this machine. */
export interface NodeProgram {
  readonly runtimePath: string;
  readonly bundlePath: string;
  readonly run: (spec: { readonly command: string; readonly args: readonly string[] }, signal?: AbortSignal) => Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
}

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) });

/**
 * Signs in to a database from this machine, as a node of it would: with the node's own program, so that what is found here
 * is what will be found there. Writes a configuration of its own for that, and takes it away again.
 * @throws DATABASE_UNAVAILABLE, DATABASE_UNSUPPORTED
 */
export async function tryDatabase(trial: DatabaseTrial, { runtimePath, bundlePath, run }: NodeProgram, signal: AbortSignal): Promise<DatabaseFacts> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-database-'));
  try {
    const config = join(folder, 'node.yaml');
    await writeFile(join(folder, 'cluster.key'), `${randomBytes(48).toString('base64')}\n`, { mode: 0o600 });
    if (trial.password !== undefined) await writeFile(join(folder, 'database.password'), `${trial.password}\n`, { mode: 0o600 });
    await writeFile(config, configOf(trial, folder), { mode: 0o600 });
    const { exitCode, stdout, stderr } = await run({ command: runtimePath, args: [bundlePath, 'check-database', '--config', config, '--json'] }, signal);
    if (exitCode !== 0) throw refusalOf(stderr);
    return databaseFacts.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configOf({ host, port, name, user, password, keepForOthers }: DatabaseTrial, folder: string): string {
  return stringify({
    node: { id: 'trial', url: 'http://127.0.0.1:8081', listen: { host: '127.0.0.1', port: 8081 } },
    cluster: { name: 'trial', keyFile: 'cluster.key' },
    database: { host, port, name, user, keepForOthers, ...(password === undefined ? {} : { passwordFile: 'database.password' }) },
    baseUrl: 'http://127.0.0.1:8081',
    filestore: { path: join(folder, 'filestore') },
  });
}

function refusalOf(stderr: string): BulkheadError {
  for (const line of stderr.trim().split('\n').reverse()) {
    const found = parsedRefusal(line);
    if (found !== null) return new BulkheadError(isErrorCode(found.code) ? found.code : 'DATABASE_UNAVAILABLE', found.message, { hint: found.hint });
  }
  return new BulkheadError('DATABASE_UNAVAILABLE', stderr.trim().split('\n').at(-1) || 'The trial ended and said nothing');
}

function parsedRefusal(line: string): z.infer<typeof refusal>['error'] | null {
  try {
    return refusal.parse(JSON.parse(line)).error;
  } catch {
    return null;
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return code in errorCodes;
}
