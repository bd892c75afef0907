export type { BlobName, Digests, Filestore, FilestoreReport, Leftover, Piece, Staged } from './ports.ts';
export { initialize } from './marker.ts';
export { openFilestore } from './filestore.ts';
export { digestsOf } from './hashing.ts';
