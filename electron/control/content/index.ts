export { deletionEffect, describeItem } from './items.ts';
export { listRepositories, removalEffect } from './repositories.ts';
export { searchArtifacts } from './search.ts';
export { takenPaths } from './taken-paths.ts';
export type { Download, Transfers } from './transfers.ts';
export { Uploads } from './uploads.ts';
