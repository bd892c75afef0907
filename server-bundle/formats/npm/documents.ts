import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { Reader } from '../../cluster/ports.ts';
import { filesWithFacts } from '../../metadata/artifact-facts.ts';
import { distTagsOf } from '../../metadata/npm-dist-tags.ts';
import type { ComputedDocument, FormatRepository } from '../format.ts';
import { modifiedAt, packumentText, type PackageState } from './packument.ts';
import { packumentOf, type PackumentForm } from './paths.ts';
import { versionsAmong } from './version-facts.ts';

export const mimeTypes = { full: 'application/json', abbreviated: 'application/vnd.npm.install-v1+json' } as const;

/** Where npm's clients find a repository. Ends in "/". */
export function registryAddress(root: string, repositoryKey: string): string {
  return `${root}/api/npm/${repositoryKey}/`;
}

/** Everything there is of a package; undefined when it has no version. */
export async function packageState(db: Reader, repositoryId: number, name: string): Promise<PackageState | undefined> {
  const versions = versionsAmong(name, await filesWithFacts(db, repositoryId, `${name}/-/`));
  return versions.size === 0 ? undefined : { name, versions, tags: await distTagsOf(db, repositoryId, name) };
}

/** The packument at a path; null for another path. It is made of the tarballs that are there, whoever brought or took them, and of tags. */
export function packumentDocument(repository: FormatRepository, path: string): ComputedDocument | null {
  const asked = packumentOf(path);
  return asked === null ? null : documentOf(repository, asked.name, asked.form);
}

function documentOf({ id, key }: FormatRepository, name: string, form: PackumentForm): ComputedDocument {
  return {
    key: cacheKeys.npmPackument(id, `${name}/`, form),
    mimeType: mimeTypes[form],
    compute: async (db, root) => {
      const state = await packageState(db, id, name);
      if (state === undefined) return undefined;
      return { bytes: Buffer.from(packumentText(state, form, registryAddress(root, key))), modifiedAt: modifiedAt(state) };
    },
  };
}
