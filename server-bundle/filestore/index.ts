export type { BlobFile, BlobName, Digests, Filestore, FilestoreReport, GrowingFile, Leftover, Piece, Staged, StageFollower } from './ports.ts';
export type { CollectionClaim } from './claim.ts';
export { initialize } from './marker.ts';
export { openFilestore } from './filestore.ts';
export { digestsOf } from './hashing.ts';
export { FilestoreBusy } from './failures.ts';
