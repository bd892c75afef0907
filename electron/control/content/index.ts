export { deletionEffect, describeItem } from './items.ts';
export { listRepositories, removalEffect } from './repositories.ts';
export type { Download, Transfers } from './transfers.ts';
export { Uploads } from './uploads.ts';
