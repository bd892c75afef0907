import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { Format } from '../format.ts';
import { coordinatesOf, parentFolders } from './coordinates.ts';
import { mavenMetadata, metadataFolder } from './metadata.ts';
import { mergeMetadata } from './merge-metadata.ts';
import { admitVersion } from './policy.ts';
import { mavenRemote } from './remote.ts';
import { mavenSettings } from './settings.ts';
import { newestBuild } from './newest-build.ts';
import { outlivedSnapshots } from './snapshot-retention.ts';

/** Maven 2 layout: `group/as/folders/artifact/version/artifact-version[-classifier].extension`. */
export const maven: Format = {
  packageType: 'maven',
  displayName: 'Maven',
  layout: 'maven-2-default',
  settings: mavenSettings,
  admit: (repository, path) => { admitVersion(repository.key, mavenSettings.parse(repository.config), path); },
  isMutable: (path) => coordinatesOf(path)?.snapshot === 'overwritten',
  computed: (repository, path) => {
    const folder = metadataFolder(path);
    return folder === null ? null : mavenMetadata(repository.id, folder);
  },
  standIn: newestBuild,
  // a file may be the first or last of its version, and its version of its artifact, and that of its group's plugins
  touches: (repository, path) => parentFolders(path, 3).map((folder) => cacheKeys.mavenMetadata(repository.id, folder)),
  touchesBelow: (repository, folder) => ({
    keys: parentFolders(folder, 3).map((above) => cacheKeys.mavenMetadata(repository.id, above)),
    prefixes: [cacheKeys.mavenMetadataBelow(repository.id, folder)],
  }),
  outlived: (db, repository, path) => outlivedSnapshots(db, repository.id, path, mavenSettings.parse(repository.config).maxUniqueSnapshots),
  remote: mavenRemote,
  merge: (_repository, _path, parts) => mergeMetadata(parts),
};
