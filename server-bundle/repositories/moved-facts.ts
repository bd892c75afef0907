import type { Reader } from '../cluster/ports.ts';
import { factsAt } from '../metadata/artifact-facts.ts';
import type { StoredArtifact, StoredFile } from '../metadata/artifacts.ts';
import type { Content } from './content.ts';
import { RepositoryChanged } from './guards.ts';
import type { Repository } from './repository.ts';
import { storedBytes } from './stored-bytes.ts';

/** From where to where something is copied or moved: a file, or a folder that ends in "/" with everything in it. */
export interface Way {
  readonly source: Repository;
  readonly target: Repository;
  readonly sourcePath: string;
  readonly targetPath: string;
}

/** What was found in files that get another place, by their path at the source. */
export type MovedFacts = ReadonlyMap<string, { readonly blobId: number; readonly facts: unknown }>;

/**
 * Whether it has to be found out anew what the files are. What a local repository of the same format keeps of a file holds under the same path elsewhere, too. Another path or another format says something
 * else about the same bytes (a digest, a package's name, its version), and of what came from an upstream nothing is kept.
 */
export function needsInspection({ source, target, sourcePath, targetPath }: Way): boolean {
  return target.format.inspect !== undefined && (source.rclass !== 'local' || source.packageType !== target.packageType || sourcePath !== targetPath);
}

export function filesAmong(artifacts: readonly StoredArtifact[]): StoredFile[] {
  return artifacts.flatMap((artifact) => (artifact.blob === null ? [] : [{ ...artifact, blob: artifact.blob }]));
}

/**
 * Looks into files as a deploy to their new paths would have.
 * @throws what the format of the target has against one of them there
 */
export async function inspectMoved(content: Content, way: Way, files: readonly StoredFile[]): Promise<MovedFacts> {
  const { source, target, sourcePath, targetPath } = way;
  const { format } = target;
  const before = await factsOf(content.session.db, source, files);
  const found = new Map<string, { blobId: number; facts: unknown }>();
  for (const { path, blob } of files) {
    const end = targetPath + path.slice(sourcePath.length);
    const bytes = storedBytes(content, blob);
    const kept = before.get(path) ?? null;
    if (format.inspectMoved !== undefined) {
      found.set(path, { blobId: blob.id, facts: await format.inspectMoved(target, end, bytes, { packageType: source.packageType, path, facts: kept }) });
      continue;
    }
    const facts = await format.inspect?.(target, end, bytes) ?? null;
    // what was said of it since it came (that it is yanked, or deprecated) goes along
    found.set(path, { blobId: blob.id, facts: source.packageType === target.packageType && kept !== null ? kept : facts });
  }
  return found;
}

/** Inside the transaction that holds the paths: what was looked into is what is there. @throws RepositoryChanged when it is not */
export function requireInspected(artifacts: readonly StoredArtifact[], moved: MovedFacts): void {
  for (const { path, blob } of filesAmong(artifacts)) if (moved.get(path)?.blobId !== blob.id) throw new RepositoryChanged();
}

const atOnce = 500;

async function factsOf(db: Reader, { id }: Repository, files: readonly StoredFile[]): Promise<Map<string, unknown>> {
  const all = new Map<string, unknown>();
  for (let at = 0; at < files.length; at += atOnce) {
    for (const [path, facts] of await factsAt(db, id, files.slice(at, at + atOnce).map((file) => file.path))) all.set(path, facts);
  }
  return all;
}
