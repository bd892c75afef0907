import { both, byFileName, byPath, type SearchCondition } from '../../metadata/search/conditions.ts';
import { segmentGlob } from './path-glob.ts';

/** Maven coordinates to look for, each with `*` and `?`; undefined: any. */
export interface Coordinates {
  readonly group?: string | undefined;
  readonly artifact?: string | undefined;
  readonly version?: string | undefined;
  readonly classifier?: string | undefined;
}

/**
 * Files in Maven's layout with these coordinates. A version matches the folder's and the time-stamped one in the file's name. What narrows the search is the group's
 * path, or else the name of the artifact, so one of the two has to be given.
 */
export function byCoordinates({ group, artifact, version, classifier }: Coordinates): SearchCondition {
  const groupPath = group?.replaceAll('.', '/');
  const literalGroup = groupPath === undefined ? '' : /^[^*?]*/.exec(groupPath)?.[0] ?? '';
  const wholeGroup = groupPath !== undefined && literalGroup === groupPath;
  const prefix = wholeGroup ? `${literalGroup}/${artifact !== undefined && !/[*?]/.test(artifact) ? `${artifact}/` : ''}` : literalGroup;
  const groupExpression = groupPath === undefined ? '.+' : groupPath.replace(/\*+|\?|[^*?]+/g, (part) => (part.startsWith('*') ? '.*' : part === '?' ? '.' : segmentGlob(part)));
  const artifactExpression = artifact === undefined ? '[^/]+' : segmentGlob(artifact);
  const versionExpression = version === undefined ? '[^/]+' : segmentGlob(version);
  // a snapshot may be asked for by the version of its folder or by that in its name
  const snapshot = version === undefined ? '' : `|[^/]+-SNAPSHOT/${artifactExpression}-${versionExpression}`;
  const named = classifier === undefined ? '[^/]*' : `-[^/]*${segmentGlob(classifier)}\\.[^/]+`;
  const expression = `^${groupExpression}/${artifactExpression}/(${versionExpression}/${artifactExpression}-[^/]+${snapshot})`;
  const paths = byPath(prefix, `${expression}${named}$`);
  return prefix === '' && artifact !== undefined ? both(byFileName(`${artifact}-*`), paths) : paths;
}
