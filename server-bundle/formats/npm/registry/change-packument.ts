import type { Transaction } from 'kysely';
import { BulkheadError } from '../../../contract/index.ts';
import { updateFacts } from '../../../metadata/artifact-facts.ts';
import type { RecordedAnswer } from '../../../metadata/request-results.ts';
import type { Database } from '../../../metadata/schema.ts';
import type { Content } from '../../../repositories/content.ts';
import { whileRepositoryChanges } from '../../../repositories/guards.ts';
import type { Repository } from '../../../repositories/repository.ts';
import { authorize } from '../../../security/authorize.ts';
import { deprecation, isObject, type JsonObject } from '../manifest.ts';
import type { PackageState } from '../packument.ts';
import { invalid } from '../publication.ts';
import { changePackage } from './package-change.ts';
import type { PackageRequest } from './publish.ts';

/**
 * `PUT /{package}` without a tarball: what `npm deprecate` sends. Deprecations are set and taken back as the document says; everything else
 * of a version is what its tarball was published with.
 * @throws REVISION_CONFLICT when the document was made of an older one
 */
export async function changePackument(content: Content, request: PackageRequest, repository: Repository, document: unknown): Promise<RecordedAnswer> {
  const { principal, name, replayKey } = request;
  const wanted = versionsIn(name, document);
  // a virtual repository's document has a revision of its own, which is none of this repository's
  const revision = repository.key === request.repositoryKey && isObject(document) && typeof document['_rev'] === 'string' ? document['_rev'] : null;
  return whileRepositoryChanges(() => changePackage(content, repository, {
    principal, name, replayKey, revision, answer: { ok: true, success: true, id: name },
    effect: async (trx, state) => {
      for (const [version, { file }] of state.versions) if (wanted[version] !== undefined) authorize(principal, 'deploy', repository.key, file.path);
      await setDeprecations(trx, repository.id, state, wanted);
    },
  }));
}

/** The versions in a packument that a client sends back. @throws BODY_INVALID */
export function versionsIn(name: string, document: unknown): JsonObject {
  if (!isObject(document)) throw invalid('', 'a JSON object is needed');
  const given = document['name'] ?? document['_id'];
  if (given !== undefined && given !== name) throw invalid('name', `the address says '${name}'`);
  if (isObject(document['versions'])) return document['versions'];
  if (isObject(document['users']) || Array.isArray(document['maintainers'])) {
    throw new BulkheadError('METHOD_NOT_ALLOWED', 'Owners and stars are not kept with packages: who may publish is a matter of permissions', {
      hint: 'Give users the right to deploy to the repository instead.', details: { allow: 'GET, HEAD, PUT, DELETE' },
    });
  }
  throw invalid('versions', 'is missing: neither a tarball nor a change of versions was sent');
}

/** Sets what the wanted manifests say of deprecation; versions that are not among them stay. */
export async function setDeprecations(trx: Transaction<Database>, repositoryId: number, state: PackageState, wanted: JsonObject): Promise<void> {
  for (const [version, { file, facts }] of state.versions) {
    const manifest = wanted[version];
    if (!isObject(manifest)) continue;
    const given = manifest['deprecated'];
    const message = typeof given === 'string' ? deprecation(given) : given === true ? 'This version is deprecated' : '';
    if (message === (facts.deprecated ?? '')) continue;
    const { deprecated: _before, ...rest } = facts;
    await updateFacts(trx, repositoryId, file.path, { ...rest, ...(message === '' ? {} : { deprecated: message }), deprecationAt: new Date().toISOString() });
  }
}
