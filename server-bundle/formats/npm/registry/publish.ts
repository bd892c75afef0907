import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Transaction } from 'kysely';
import { BulkheadError, isBulkheadError } from '../../../contract/index.ts';
import type { Staged } from '../../../filestore/index.ts';
import { findFile } from '../../../metadata/artifacts.ts';
import { folderHolds } from '../../../metadata/folders.ts';
import { addDistTag, removeTagsOf, setDistTags } from '../../../metadata/npm-dist-tags.ts';
import type { RecordedAnswer } from '../../../metadata/request-results.ts';
import type { Database } from '../../../metadata/schema.ts';
import type { Content } from '../../../repositories/content.ts';
import { deployStaged, earlierAnswer, type Packaging } from '../../../repositories/deploy.ts';
import { authorize } from '../../../security/authorize.ts';
import type { Principal } from '../../../security/principal.ts';
import { packageState } from '../documents.ts';
import { packumentKeys } from '../index.ts';
import { readTarball } from '../inspect.ts';
import { versionFacts, type TarballFigures } from '../manifest.ts';
import { plainTarballPath, tarballPath } from '../paths.ts';
import { readPublishBody } from '../publish-body.ts';
import { publicationOf, requireIntact, requireSameManifest, type Publication } from '../publication.ts';
import { highest } from '../version-order.ts';
import { changePackument } from './change-packument.ts';
import { publishTarget, requirePackageName } from './npm-repository.ts';

export interface PackageRequest {
  readonly principal: Principal;
  readonly repositoryKey: string;
  readonly name: string;
  readonly replayKey: string | null;
}

interface KeptTarball { readonly staged: Staged; readonly sha512: string }

/**
 * `PUT /{package}`: publishes the version whose tarball is attached; without one, changes what is there (deprecations).
 * @throws ARTIFACT_EXISTS for a version that is there, CHECKSUM_MISMATCH, BODY_INVALID, PACKAGE_INVALID; nothing is stored then
 */
export async function publish(content: Content, request: PackageRequest, body: Readable): Promise<RecordedAnswer> {
  const { principal, name } = request;
  requirePackageName(name, false);
  const repository = await publishTarget(content, request.repositoryKey);
  // before the body is taken; the version's own path is checked again when it is known
  authorize(principal, 'deploy', repository.key, tarballPath(name, '0.0.0'));
  const recorded = await earlierAnswer(content, request.replayKey);
  if (recorded !== undefined) return recorded;
  const { document, tarball, release } = await received(content, body);
  let handedOn = false;
  try {
    if (tarball === undefined) return await changePackument(content, request, repository, document);
    const publication = publicationOf(name, tarball.fileName, document);
    const { staged, sha512 } = tarball.kept;
    requireIntact(publication, { size: staged.size, sha1: staged.sha1, sha256: staged.sha256, sha512 });
    const figures = await figuresOf(publication, staged, sha512);
    const deployment = {
      principal, repositoryKey: repository.key, path: tarballPath(name, publication.version), declared: { md5: null, sha1: staged.sha1, sha256: null },
      replayKey: request.replayKey, packaging: packagingOf(publication, figures, repository.id),
    };
    handedOn = true;
    return await deployStaged(content, deployment, staged);
  } catch (error) {
    if (tarball === undefined || !isBulkheadError(error, 'ARTIFACT_EXISTS')) throw error;
    const { version } = publicationOf(name, tarball.fileName, document);
    throw new BulkheadError('ARTIFACT_EXISTS', `You cannot publish over the previously published versions: ${version}.`, { details: { name, version } });
  } finally {
    if (!handedOn) await release();
  }
}

/** The body, with its tarball in a staging file that `release` removes again. */
async function received({ session, filestore }: Content, body: Readable): Promise<Awaited<ReturnType<typeof readPublishBody<KeptTarball>>> & { readonly release: () => Promise<void> }> {
  const kept: KeptTarball[] = [];
  const release = async (): Promise<void> => {
    for (const { staged } of kept) await staged.discard();
  };
  try {
    const read = await readPublishBody(body, async (_fileName, bytes) => {
      const hash = createHash('sha512');
      const staged = await filestore.stage(session.incarnation, Readable.from(hashing(bytes, hash), { objectMode: false }));
      const tarball = { staged, sha512: hash.digest('hex') };
      kept.push(tarball);
      return tarball;
    });
    return { ...read, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function* hashing(bytes: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

/** A look into the tarball: what it unpacks to, and that it is what the manifest says. One that cannot be read is taken as it is. */
async function figuresOf(publication: Publication, staged: Staged, sha512: string): Promise<TarballFigures> {
  const integrity = `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`;
  const inside = await readTarball(staged).catch((error: unknown) => {
    if (isBulkheadError(error, 'PACKAGE_INVALID')) return null;
    throw error;
  });
  if (inside === null) return { integrity };
  requireSameManifest(publication, inside.manifest);
  return { integrity, fileCount: inside.fileCount, unpackedSize: inside.unpackedSize };
}

/** What `latest` has stood for while the version was not there. */
async function latestBeside(trx: Transaction<Database>, repositoryId: number, { name, version }: Publication): Promise<string | undefined> {
  const state = await packageState(trx, repositoryId, name);
  return highest([...state?.versions.keys() ?? []].filter((other) => other !== version));
}

function packagingOf(publication: Publication, figures: TarballFigures, repositoryId: number): Packaging {
  const { name, version, tags } = publication;
  return {
    facts: versionFacts(name, version, publication.manifest, figures, publication.readme),
    mimeType: 'application/octet-stream',
    existing: 'refuse',
    touched: { keys: packumentKeys(repositoryId, name) },
    commit: async (trx, repository) => {
      const plain = plainTarballPath(name, version);
      if (plain !== tarballPath(name, version) && await findFile(trx, repository.id, plain) !== undefined) throw new BulkheadError('ARTIFACT_EXISTS');
      // a version of this number that was deleted may have left tags: they meant that one
      const left = await removeTagsOf(trx, repository.id, name, version);
      await setDistTags(trx, repository.id, name, tags);
      // a package's first version is its latest, whatever tag it was published with
      const isFirst = !await folderHolds(trx, repository.id, `${name}/-/`, tarballPath(name, version));
      const latest = isFirst ? version : left.includes('latest') ? await latestBeside(trx, repository.id, publication) : undefined;
      if (latest !== undefined && !tags.has('latest')) await addDistTag(trx, repository.id, name, 'latest', latest);
    },
    answer: () => ({ status: 201, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ok: true, success: true, id: name }) }),
  };
}
