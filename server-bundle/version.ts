import { readFileSync } from 'node:fs';

/** Set by scripts/build-node.ts; not there when the sources run directly. */
declare const BULKHEAD_VERSION: string | undefined;

function ofSources(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0.0.0';
}

/** Version of this bundle, as in package.json. */
export const version: string = typeof BULKHEAD_VERSION === 'string' ? BULKHEAD_VERSION : ofSources();
