import { lookup } from 'mime-types';

/** What build tools expect and the general registry does not know. */
const own: ReadonlyMap<string, string> = new Map([
  ['pom', 'application/x-maven-pom+xml'],
  ['jar', 'application/java-archive'],
  ['war', 'application/java-archive'],
  ['ear', 'application/java-archive'],
  ['aar', 'application/java-archive'],
  ['module', 'application/json'],
  ['asc', 'text/plain'],
  ['tgz', 'application/x-gzip'],
  ['gz', 'application/x-gzip'],
  ['properties', 'text/plain'],
]);

/** Media type of a file by its name, as Artifactory does it; what the client declares is not asked. */
export function mediaTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return own.get(extension) ?? (lookup(name) || 'application/octet-stream');
}
