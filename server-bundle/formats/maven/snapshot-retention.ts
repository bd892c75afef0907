import type { Reader } from '../../cluster/ports.ts';
import { filesNear } from '../../metadata/maven-files.ts';
import { coordinatesOf } from './coordinates.ts';

/**
 * Files of the builds of a unique snapshot that are too many once there is a file at `path`. Of a build all files go or none; the newest
 * builds stay, whatever their files are.
 * @param builds how many are kept; 0: all
 */
export async function outlivedSnapshots(db: Reader, repositoryId: number, path: string, builds: number): Promise<string[]> {
  if (builds === 0 || coordinatesOf(path)?.snapshot !== 'unique') return [];
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const files = (await filesNear(db, repositoryId, folder, 1)).flatMap((file) => {
    const coordinates = coordinatesOf(file.path);
    return coordinates?.snapshot === 'unique' ? [{ path: file.path, number: coordinates.buildNumber ?? 0, timestamp: coordinates.timestamp ?? '' }] : [];
  });
  const newestFirst = [...new Map(files.map((file) => [buildOf(file), file])).values()]
    .sort((a, b) => b.number - a.number || b.timestamp.localeCompare(a.timestamp));
  const kept = new Set(newestFirst.slice(0, builds).map(buildOf));
  return files.filter((file) => !kept.has(buildOf(file))).map((file) => file.path);
}

function buildOf({ timestamp, number }: { readonly timestamp: string; readonly number: number }): string {
  return `${timestamp}-${String(number)}`;
}
