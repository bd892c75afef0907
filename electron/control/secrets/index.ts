export { createFileBox, seal, unseal } from './file-box.ts';
export type { SecretBox } from './secret-box.ts';
export { SecretStore } from './secret-store.ts';
