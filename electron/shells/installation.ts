import { existsSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

/** Where the program lies: a checkout with node_modules, or a packaged app with its resources folder. */
export type Installation =
  | { readonly kind: 'checkout'; readonly root: string }
  | { readonly kind: 'packaged'; readonly resources: string };

/** What the demo runs its processes with. */
export interface DemoPrograms {
  /** Node.js 24 */
  readonly node: string;
  /** `bulkhead-node.cjs` */
  readonly bundle: string;
}

/**
 * Finds the runtime and the bundle. A packaged app ships both as plain files beside its archive: the fuses forbid
 * running the app itself as Node.js, and a demo has to outlive the app anyway.
 */
export function demoPrograms(installation: Installation, platform: NodeJS.Platform): DemoPrograms {
  const name = platform === 'win32' ? 'node.exe' : 'node';
  if (installation.kind === 'packaged') {
    return { node: join(installation.resources, 'runtime', name), bundle: join(installation.resources, 'server-bundle', 'bulkhead-node.cjs') };
  }
  const own = join(installation.root, 'node_modules', 'node', 'bin', name);
  return {
    // the console and the CLI may run on any Node.js that is new enough
    node: existsSync(own) ? own : process.execPath,
    bundle: join(installation.root, 'out', 'server-bundle', 'bulkhead-node.cjs'),
  };
}

/** The version of this program. */
export const programVersion: string = packageJson.version;
