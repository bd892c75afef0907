import { Readable } from 'node:stream';
import { BulkheadError } from '../../contract/index.ts';
import type { Transfers } from '../../control/index.ts';

interface KeptBytes {
  readonly transfers: Transfers;
  /** what can be fetched, by "cluster repository path" */
  readonly files: Map<string, string>;
  /** what was sent: upload, offset, text */
  readonly slices: [string, number, string][];
}

/** Bytes of a cluster kept in memory, for tests of the shells. Never part of a program. */
export function keptBytes(): KeptBytes {
  const files = new Map<string, string>();
  const slices: [string, number, string][] = [];
  return {
    files, slices,
    transfers: {
      download: async ({ clusterId, repository, path }) => {
        const text = files.get(`${clusterId} ${repository} ${path}`);
        if (text === undefined) throw new BulkheadError('ARTIFACT_NOT_FOUND');
        return { status: 200, headers: { 'content-length': String(Buffer.byteLength(text)), 'content-type': 'text/html', 'set-cookie': 'not=passed on' }, body: Readable.from([Buffer.from(text)]) };
      },
      slice: async (uploadId, at, bytes) => {
        if (uploadId === 'gone') throw new BulkheadError('UPLOAD_NOT_FOUND');
        slices.push([uploadId, at, Buffer.from(bytes).toString()]);
      },
      upload: () => Promise.reject(new BulkheadError('NOT_SUPPORTED')),
    },
  };
}

/** For shells that are started for something else. */
export const noTransfers: Transfers = keptBytes().transfers;
