import { blobs } from './blobs.ts';
import { caches } from './caches.ts';
import { master } from './master.ts';
import type { Trap } from './trap.ts';
import { writes } from './writes.ts';

/** Every trap, by number; several entries of one number are sides of it. */
export const traps: readonly Trap[] = [...writes, ...blobs, ...caches, ...master];
