import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** One thing that is built as a whole. Paths are relative to the project's root, with "/". */
export interface Part {
  readonly title: string;
  /** files and folders whose content decides whether the part is stale */
  readonly inputs: readonly string[];
  /** files that exist once the part is built */
  readonly outputs: readonly string[];
  /** script run by Node.js, with its arguments */
  readonly command: readonly [string, ...string[]];
}

const everywhere = ['package.json', 'package-lock.json', 'tsconfig.json'] as const;

export const parts = {
  node: {
    title: 'node bundle',
    inputs: ['server-bundle', 'scripts/build-node.ts', ...everywhere],
    outputs: ['out/server-bundle/bulkhead-node.cjs'],
    command: ['scripts/build-node.ts'],
  },
  app: {
    title: 'control room and screens',
    inputs: ['electron', 'renderer', 'server-bundle/contract', 'electron.vite.config.ts', 'resources', ...everywhere],
    outputs: ['out/main/desktop.js', 'out/main/console.js', 'out/main/cli.js', 'out/renderer/index.html'],
    command: ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
  },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;
export const partNames = Object.keys(parts) as PartName[];

/** Outputs of a part that are not there. */
export function missingOutputs(root: string, part: Part): string[] {
  return part.outputs.filter((path) => !existsSync(join(root, path)));
}
