import type { RepositorySettings, RepositorySummary } from '../../../electron/contract/index.ts';

const base = 'https://art.lan/artifactory';

export interface FakeRepository { readonly summary: RepositorySummary; readonly settings: RepositorySettings }

export function repository(key: string, rclass: RepositorySummary['rclass'], packageType: string, description: string, files: number, bytes: number, more: RepositorySettings = {}): FakeRepository {
  return {
    summary: { key, rclass, packageType, description, url: `${base}/${key}`, usage: rclass === 'virtual' ? null : { files, folders: Math.round(files / 4), bytes } },
    settings: { key, rclass, packageType, description, notes: '', repoLayoutRef: 'simple-default', includesPattern: '**/*', excludesPattern: '', ...more },
  };
}

export function fakeRepositories(): FakeRepository[] {
  return [
    repository('docker-local', 'local', 'docker', 'Images of our services', 4_120, 186_400_000_000),
    repository('generic-local', 'local', 'generic', '', 218, 3_900_000_000),
    repository('helm-local', 'local', 'helm', 'Charts, before OCI', 96, 2_100_000),
    repository('maven-central', 'remote', 'maven', 'repo1.maven.org, kept for builds without internet', 38_450, 21_700_000_000, { url: 'https://repo1.maven.org/maven2', username: '', passwordSet: false, offline: false, storeArtifactsLocally: true, retrievalCachePeriodSecs: 7200, missedRetrievalCachePeriodSecs: 1800, assumedOfflinePeriodSecs: 300, socketTimeoutMillis: 15000 }),
    repository('maven-releases', 'local', 'maven', 'Releases of the platform team', 9_904, 41_300_000_000, { handleReleases: true, handleSnapshots: false }),
    repository('maven-snapshots', 'local', 'maven', '', 22_316, 64_800_000_000, { handleReleases: false, handleSnapshots: true }),
    repository('maven', 'virtual', 'maven', 'What builds use: releases, snapshots, central', 0, 0, { repositories: ['maven-releases', 'maven-snapshots', 'maven-central'], defaultDeploymentRepo: 'maven-releases' }),
    repository('npm-local', 'local', 'npm', 'Packages under @acme', 1_208, 640_000_000),
    repository('npmjs', 'remote', 'npm', '', 61_002, 18_300_000_000, { url: 'https://registry.npm.example', username: 'ci', passwordSet: true, offline: false, storeArtifactsLocally: true, retrievalCachePeriodSecs: 600, missedRetrievalCachePeriodSecs: 1800, assumedOfflinePeriodSecs: 300, socketTimeoutMillis: 15000 }),
    repository('pypi-local', 'local', 'pypi', 'Models and tools of the data team', 402, 12_600_000_000),
  ];
}

/** Paths of the one repository whose content the gallery knows; a size for each file. */
export function fakeFiles(): Map<string, number> {
  const files = new Map<string, number>();
  const add = (artifact: string, versions: readonly string[], size: number): void => {
    for (const version of versions) {
      const name = artifact.slice(artifact.lastIndexOf('/') + 1);
      files.set(`${artifact}/${version}/${name}-${version}.jar`, size);
      files.set(`${artifact}/${version}/${name}-${version}-sources.jar`, Math.round(size / 3));
      files.set(`${artifact}/${version}/${name}-${version}.pom`, 2_410);
    }
  };
  add('com/acme/billing/invoice-core', ['2.9.0', '2.10.0', '2.10.1', '3.0.0'], 1_840_000);
  add('com/acme/billing/invoice-api', ['3.0.0'], 64_200);
  add('com/acme/platform/bom', ['24.1', '24.2'], 9_100);
  add('com/acme/platform/http-client', ['1.0.0', '1.1.0'], 420_000);
  add('org/internal/build-tools', ['7.4.2'], 96_000_000);
  return files;
}
