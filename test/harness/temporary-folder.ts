import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of this process that nobody has removed yet; what a failed test leaves goes with the process. */
const left = new Set<string>();
let listening = false;

function keepTrackOf(folder: string): void {
  left.add(folder);
  if (listening) return;
  listening = true;
  process.on('exit', () => {
    for (const each of left) rmSync(each, { recursive: true, force: true, maxRetries: 3 });
  });
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Removes the folder with all that is in it; harmless when it is gone already. */
  remove(): Promise<void>;
}

function handle(path: string): TemporaryFolder {
  keepTrackOf(path);
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    left.delete(path);
  };
  return { path, remove, [Symbol.asyncDispose]: remove };
}

/** A new empty folder for one test, removed at the latest when this process exits. */
export async function temporaryFolder(purpose: string): Promise<TemporaryFolder> {
  return handle(await mkdtemp(join(tmpdir(), `bulkhead-${purpose}-`)));
}

/** As `temporaryFolder`, for the few places that cannot wait. */
export function temporaryFolderSync(purpose: string): TemporaryFolder {
  return handle(mkdtempSync(join(tmpdir(), `bulkhead-${purpose}-`)));
}
