import { defineStore } from 'pinia';
import { computed, reactive } from 'vue';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import type { GivenFile } from '../uploads/dropped-files.ts';
import { sendFile } from '../uploads/send-file.ts';

/**
 * `checking` whether there is a file already; `waiting` for its turn; `sending`; `conflict`: there is one, and a person has to say; `done`; `failed`; `skipped` and `cancelled` by a person.
 */
export type UploadState = 'checking' | 'waiting' | 'sending' | 'conflict' | 'done' | 'failed' | 'skipped' | 'cancelled';

export interface Upload {
  readonly id: number;
  readonly clusterId: string;
  readonly repository: string;
  readonly path: string;
  readonly size: number;
  sent: number;
  state: UploadState;
  failure: Failure | null;
  /** a conflict with a file that came after this upload had been looked at: nobody has seen it yet */
  meanwhile: boolean;
  /** of what the node has stored */
  sha256: string | null;
}

/** Files sent at once: more of them would only share the same way. */
const atOnce = 2;

/** Uploads of this window. They go on while another screen is shown, and end with the page. */
export const useUploads = defineStore('uploads', () => {
  const client = useClient();
  const list = reactive<Upload[]>([]);
  const files = new Map<number, File>();
  const running = new Map<number, AbortController>();
  const listeners = new Set<(upload: Upload) => void>();
  let lastId = 0;

  /** Takes files for a folder. Before the first byte is sent it is found out which of them are there already. */
  function add(clusterId: string, repository: string, folder: string, given: readonly GivenFile[]): void {
    const added = given.map(({ path, file }) => {
      lastId += 1;
      files.set(lastId, file);
      list.push({ id: lastId, clusterId, repository, path: folder === '' ? path : `${folder}/${path}`, size: file.size, sent: 0, state: 'checking', failure: null, meanwhile: false, sha256: null });
      return lastId;
    });
    void check(clusterId, repository, list.filter(({ id }) => added.includes(id)));
  }

  async function check(clusterId: string, repository: string, added: readonly Upload[]): Promise<void> {
    let taken: readonly string[] = [];
    try {
      taken = await client.call('uploads.taken', { clusterId, key: repository, paths: added.map(({ path }) => path) });
    } catch {
      // whoever begins an upload is told by the cluster itself
    }
    const known = new Set(taken);
    for (const upload of added) if (upload.state === 'checking') upload.state = known.has(upload.path) ? 'conflict' : 'waiting';
    next();
  }

  function next(): void {
    for (const upload of list) {
      if (running.size >= atOnce) return;
      if (upload.state === 'waiting') void send(upload, false);
    }
  }

  async function send(upload: Upload, replace: boolean): Promise<void> {
    const file = files.get(upload.id);
    if (file === undefined) return;
    const controller = new AbortController();
    running.set(upload.id, controller);
    Object.assign(upload, { state: 'sending', sent: 0, failure: null, meanwhile: false });
    try {
      const { clusterId, repository, path } = upload;
      const stored = await sendFile(client, { clusterId, repository, path, file, replace }, (sent) => { upload.sent = sent; }, controller.signal);
      Object.assign(upload, { state: 'done', sent: upload.size, sha256: stored.sha256 });
      files.delete(upload.id);
      for (const tell of listeners) tell(upload);
    } catch (error) {
      const failure = asFailure(error);
      if (controller.signal.aborted) Object.assign(upload, { state: 'cancelled' });
      else if (failure.code === 'ARTIFACT_EXISTS' && !replace) Object.assign(upload, { state: 'conflict', sent: 0, meanwhile: true });
      else Object.assign(upload, { state: 'failed', failure });
    } finally {
      running.delete(upload.id);
      next();
    }
  }

  function cancel(upload: Upload): void {
    const controller = running.get(upload.id);
    if (controller === undefined) upload.state = 'cancelled';
    else controller.abort();
  }

  /** Answers a conflict, or tries a failed one again. */
  function answer(upload: Upload, choice: 'replace' | 'skip' | 'again'): void {
    if (choice === 'skip') upload.state = 'skipped';
    else if (choice === 'replace') void send(upload, true);
    else {
      upload.state = 'waiting';
      next();
    }
  }

  /** Takes away what needs nobody any more. */
  function clear(): void {
    const kept = list.filter(({ state }) => state === 'checking' || state === 'waiting' || state === 'sending' || state === 'conflict');
    list.splice(0, list.length, ...kept);
    for (const id of [...files.keys()]) if (!kept.some((upload) => upload.id === id)) files.delete(id);
  }

  /** Calls `tell` with each upload that was stored. Returns the unsubscriber. */
  function onStored(tell: (upload: Upload) => void): () => void {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }
  const active = computed(() => list.filter(({ state }) => state === 'checking' || state === 'waiting' || state === 'sending').length);
  const conflicts = computed(() => list.filter(({ state }) => state === 'conflict'));
  return { list, active, conflicts, add, cancel, answer, clear, onStored };
});
