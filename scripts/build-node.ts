import { readFile, rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = new URL('../', import.meta.url);

/** Where the bundle is written. */
export const nodeBundle = fileURLToPath(new URL('out/server-bundle/bulkhead-node.cjs', root));

/** For tests of upgrades: the same sources as another version, with what a plugin adds to them. */
export interface NodeVariation {
  readonly version?: string;
  readonly plugins?: readonly Plugin[];
}

/**
 * Builds the node to one CommonJS file without native addons, so that a host needs nothing but a Node.js binary.
 * pg's native binding is left out; worker threads start from the same file.
 */
export async function buildNode(outfile: string = nodeBundle, { version, plugins = [] }: NodeVariation = {}): Promise<void> {
  const manifest = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { version: string };
  // a node may be starting from the old one: it is replaced, never missing
  const fresh = `${outfile}.${String(process.pid)}.new.cjs`;
  await build({
    entryPoints: [fileURLToPath(new URL('server-bundle/main.ts', root))],
    outfile: fresh,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: 'eof',
    sourcemap: 'external',
    external: ['pg-native', 'bufferutil', 'utf-8-validate'],
    banner: { js: '#!/usr/bin/env node\nconst bulkheadUrl=require("node:url").pathToFileURL(__filename).href;' },
    define: {
      'import.meta.url': 'bulkheadUrl',
      BULKHEAD_VERSION: JSON.stringify(version ?? manifest.version),
      BULKHEAD_BUNDLED: 'true',
    },
    plugins: [...plugins],
    logLevel: 'warning',
  });
  await rename(`${fresh}.map`, `${outfile}.map`);
  await rename(fresh, outfile);
}

if (import.meta.main) await buildNode();
