import { contentUploadPath, type ContractClient, type UploadedFile } from '../../electron/contract/index.ts';

export interface FileToSend {
  readonly clusterId: string;
  readonly repository: string;
  readonly path: string;
  readonly file: Blob;
  readonly replace: boolean;
}

/** First slice, bytes. Later ones grow while they are quick, so that a slow way still shows progress. */
const firstSlice = 256 * 1024;
const quickMs = 400;

/**
 * Sends a file slice by slice: no more of it than a slice is ever in memory, and what was taken is known exactly.
 * @param onSent bytes that the node's connection has taken so far
 * @throws what `uploads.begin` and `uploads.finish` throw, and the answer to a slice, with its code
 */
export async function sendFile(client: ContractClient, { clusterId, repository, path, file, replace }: FileToSend, onSent: (bytes: number) => void, signal: AbortSignal): Promise<UploadedFile> {
  const { uploadId, maxSliceBytes } = await client.call('uploads.begin', { clusterId, repository, path, size: file.size, replace }, { signal });
  try {
    let size = Math.min(firstSlice, maxSliceBytes);
    for (let at = 0; at < file.size;) {
      const slice = file.slice(at, at + size);
      const began = performance.now();
      await sendSlice(uploadId, at, slice, signal);
      at += slice.size;
      onSent(at);
      const took = performance.now() - began;
      size = took < quickMs ? Math.min(maxSliceBytes, size * 2) : Math.max(firstSlice, Math.ceil(size / 2));
    }
    return await client.call('uploads.finish', { uploadId });
  } catch (error) {
    // nobody waits for it, and it is over by itself after a minute
    client.call('uploads.cancel', { uploadId }).catch(() => undefined);
    throw error;
  }
}

async function sendSlice(uploadId: string, at: number, slice: Blob, signal: AbortSignal): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(`${contentUploadPath}${uploadId}?at=${at}`, { method: 'PUT', body: slice, signal, headers: { 'content-type': 'application/octet-stream' } });
  } catch (cause) {
    if (signal.aborted) throw failure('CANCELLED', 'Cancelled', 'Nothing more is done; start it again when you like.');
    // a file that was changed or removed meanwhile cannot be read any more, and looks like a lost connection
    const readable = await slice.slice(0, 1).arrayBuffer().then(() => true, () => false);
    throw readable ? failure('CONTROL_ROOM_LOST', 'The connection to the control room is lost', 'Nothing was stored. Try it again when it is back.', cause)
      : failure('BODY_TRUNCATED', 'The file cannot be read any more', 'It was changed, moved or deleted while it was being sent. Choose it again.', cause);
  }
  if (answer.ok) return;
  throw Object.assign(failure('INTERNAL', `The answer was ${answer.status}`, 'Try it again.'), await answer.json().catch(() => ({})) as object);
}

function failure(code: string, message: string, hint: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code, hint });
}
