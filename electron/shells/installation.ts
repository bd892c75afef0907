import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BulkheadError } from '../contract/index.ts';

const packageFile = z.object({ version: z.string() });

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
 * @throws BulkheadError BINARY_MISSING
 */
export function demoPrograms(installation: Installation, platform: NodeJS.Platform): DemoPrograms {
  const name = platform === 'win32' ? 'node.exe' : 'node';
  if (installation.kind === 'packaged') {
    return { node: join(installation.resources, 'runtime', name), bundle: join(installation.resources, 'server-bundle', 'bulkhead-node.cjs') };
  }
  return {
    node: 'electron' in process.versions ? checkoutNode(installation.root, name) : process.execPath,
    bundle: join(installation.root, 'out', 'server-bundle', 'bulkhead-node.cjs'),
  };
}

/** The Node.js that is shipped to hosts with this CPU, for Linux; it need not be there as long as no such host is provisioned. */
export function hostRuntime(installation: Installation, cpu: 'x64' | 'arm64'): string {
  if (installation.kind === 'packaged') return join(installation.resources, 'host-runtime', `linux-${cpu}`, 'node');
  const installed = join(installation.root, 'node_modules', `node-linux-${cpu}`, 'bin', 'node');
  // npm installs the one of its own platform only
  return existsSync(installed) ? installed : join(installation.root, 'out', 'host-runtime', `linux-${cpu}`, 'node');
}

/** The Node.js that came with the checkout, for when Electron runs this; scripts/run.mjs links it. */
function checkoutNode(root: string, name: string): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const packages = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`];
  const found = [join('.bin', 'node'), ...packages.map((folder) => join(folder, 'bin', name))]
    .map((path) => join(root, 'node_modules', path))
    .find((path) => existsSync(path));
  if (found === undefined) throw new BulkheadError('BINARY_MISSING', 'Node.js is not in node_modules', { details: { packages }, hint: 'Run "npm ci" in the checkout.' });
  return found;
}

/** The version of this program, from the package.json that it lies beside. */
export function programVersion(installation: Installation): string {
  const folder = installation.kind === 'packaged' ? join(installation.resources, 'app.asar') : installation.root;
  return packageFile.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;
}
