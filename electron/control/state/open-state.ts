import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { migrations } from './migrations.ts';

/** The app's own state. Two shells may have it open at once. */
export type State = Sqlite.Database;

/**
 * Opens `control.sqlite` in a folder (made when needed, for its owner only) and brings its schema up to date.
 * Throws VERSION_UNSUPPORTED when a newer program has written it.
 */
export function openState(folder: string): State {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'control.sqlite');
  const state = new Sqlite(file);
  try {
    state.pragma('busy_timeout = 5000');
    state.pragma('journal_mode = WAL');
    state.pragma('synchronous = NORMAL');
    state.pragma('foreign_keys = ON');
    chmodSync(file, 0o600);
    migrate(state);
    return state;
  } catch (error) {
    state.close();
    throw error;
  }
}

function migrate(state: State): void {
  // "immediate" takes the write lock before the version is read: of two shells one migrates, the other finds it done
  const run = state.transaction(() => {
    const version = Number(state.pragma('user_version', { simple: true }));
    if (version > migrations.length) {
      throw new BulkheadError('VERSION_UNSUPPORTED', 'The state of this app was written by a newer version', {
        details: { found: version, known: migrations.length }, hint: 'Use the newer version, or another state folder.',
      });
    }
    for (const migration of migrations.slice(version)) state.exec(migration);
    state.pragma(`user_version = ${migrations.length}`);
  });
  run.immediate();
}
