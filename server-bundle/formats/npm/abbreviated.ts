import { isObject, type JsonObject } from './manifest.ts';

/** What an installer needs of a version (https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md). */
const fields = [
  'name', 'version', 'dependencies', 'optionalDependencies', 'devDependencies', 'bundleDependencies', 'bundledDependencies', 'peerDependencies', 'peerDependenciesMeta',
  'acceptDependencies', 'bin', 'directories', 'engines', 'os', 'cpu', 'libc', 'funding', '_hasShrinkwrap',
] as const;

/** @returns without `dist`, `deprecated` and `hasInstallScript`, which are not the manifest's */
export function abbreviatedManifest(manifest: JsonObject): JsonObject {
  return Object.fromEntries(fields.flatMap((field) => (manifest[field] === undefined ? [] : [[field, manifest[field]]])));
}

export function hasInstallScript(manifest: JsonObject): boolean {
  if (manifest['hasInstallScript'] === true || manifest['gypfile'] === true) return true;
  const { scripts } = manifest;
  return isObject(scripts) && ['preinstall', 'install', 'postinstall'].some((name) => typeof scripts[name] === 'string' && scripts[name] !== '');
}
