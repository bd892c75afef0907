import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError, isBulkheadError } from '../../contract/index.ts';
import { folderExists } from '../../metadata/folders.ts';
import type { NodeContext } from '../../node/context.ts';
import { archiveEntryPath } from '../../repositories/archive-entry.ts';
import { artifactNotFound, type Content } from '../../repositories/content.ts';
import { declaredChecksums } from '../../repositories/declared-checksums.ts';
import { deploy, deployByChecksum, type Packaging } from '../../repositories/deploy.ts';
import { explode } from '../../repositories/explode.ts';
import { makeFolder } from '../../repositories/folder-marker.ts';
import { remove } from '../../repositories/remove.ts';
import { resolveRestricted } from '../../repositories/properties/restricted-resolution.ts';
import type { Repository } from '../../repositories/repository.ts';
import type { Resolved } from '../../repositories/resolve.ts';
import { childrenIn } from '../../repositories/storage-info.ts';
import { parseArtifactUrl, type RepositoryPath } from '../artifact-path.ts';
import { flag } from '../query-flag.ts';
import { validated } from '../validated.ts';
import { matrixParametersOf } from '../matrix-parameters.ts';
import { contentOf } from '../content/content-of.ts';
import { folderPage } from '../content/folder-page.ts';
import { bodyOf, receiving, sendRecorded, streamBodies } from '../content/request-body.ts';
import { sendArchiveEntry } from '../content/send-archive-entry.ts';
import { presentOnly, refuseIfMatch } from '../content/present-only.ts';
import { sendResolved } from '../content/send-resolved.ts';

const prefix = '/artifactory/';
/** Where Artifactory has plain lists of folders, which scripts follow. A folder's own address answers the same here. */
const listPrefix = '/artifactory/list/';
const removal = z.object({ permanent: flag.default(false) });

/** `/artifactory/{repository}/{path}`: deploy, download, delete. */
export function registerArtifactRoutes(app: FastifyInstance, context: NodeContext): void {
  const content = contentOf(context);
  streamBodies(app);

  app.put('/artifactory/:repository/*', async (request, reply) => receiving(request, reply, async () => {
    const { repositoryKey, path } = requirePath(request);
    const { principal, replayKey } = request;
    const onlyNew = request.headers['if-none-match']?.trim() === '*';
    const { properties } = matrixParametersOf(request.raw.url ?? '');
    if (path.endsWith('/')) {
      refuseIfMatch(request.headers['if-match'], 'a folder that is made');
      return sendRecorded(reply, await makeFolder(content(), { principal, repositoryKey, path, replayKey, onlyNew, properties }));
    }
    requireWholeBody(request);
    const declared = declaredChecksums(request.headers);
    const wanted = { principal, repositoryKey, path, declared, replayKey, properties };
    const deployment = { ...wanted, packaging: { ...(onlyNew ? { existing: 'refuse' as const } : {}), ...requiredOf(request, path) } };
    try {
      if (isTrue(request, 'x-explode-archive') || isTrue(request, 'x-explode-archive-atomic')) {
        refuseIfMatch(request.headers['if-match'], 'an archive that is unpacked');
        return await sendRecorded(reply, await explode(content(), { ...wanted, onlyNew }, bodyOf(request)));
      }
      const answer = isTrue(request, 'x-checksum-deploy')
        ? await deployByChecksum(content(), deployment)
        : await deploy(content(), deployment, bodyOf(request));
      return await sendRecorded(reply, answer);
    } catch (error) {
      // the client said so itself (RFC 9110, section 13.1.2): "only if there is nothing yet"
      throw onlyNew && isBulkheadError(error, 'ARTIFACT_EXISTS') ? new BulkheadError('PRECONDITION_FAILED', 'There is a file already', { cause: error }) : error;
    }
  }));

  app.delete('/artifactory/:repository/*', async (request, reply) => {
    const { repositoryKey, path } = requirePath(request);
    const { permanent } = validated(removal, request.query, 'PARAMETER_INVALID');
    const { principal, replayKey } = request;
    return sendRecorded(reply, await remove(content(), { principal, repositoryKey, path, replayKey, permanent, ...requiredOf(request, path) }));
  });

  for (const url of ['/artifactory/:repository', '/artifactory/:repository/*']) {
    app.route({ method: ['GET', 'HEAD'], url, handler: (request, reply) => download(request, reply, content(), prefix) });
  }
  for (const url of ['/artifactory/list/:repository', '/artifactory/list/:repository/*']) {
    app.route({ method: ['GET', 'HEAD'], url, handler: (request, reply) => download(request, reply, content(), listPrefix) });
  }
}

/** @param below where the repository's key stands in the address */
async function download(request: FastifyRequest, reply: FastifyReply, content: Content, below: string): Promise<FastifyReply> {
  const named = parseArtifactUrl(request.raw.url ?? '', below);
  const { repositoryKey, path } = named;
  const found: Resolved = await resolveRestricted(content, request.principal, repositoryKey, path, matrixParametersOf(request.raw.url ?? ''));
  const inArchive = found.kind === 'nothing' ? archiveEntryPath(path) : null;
  if (inArchive !== null) return sendArchiveEntry(request, reply, content, { repositoryKey, ...inArchive });
  if (found.kind === 'nothing') return sendFolder(request, reply, content, found.repository, named);
  return sendResolved(request, reply, content, found, path.slice(path.lastIndexOf('/') + 1));
}

async function sendFolder(request: FastifyRequest, reply: FastifyReply, content: Content, repository: Repository, { repositoryKey, path }: RepositoryPath): Promise<FastifyReply> {
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  const [address = ''] = (request.raw.url ?? '').split('?', 1);
  const children = await childrenIn(content, request.principal, repository, folder);
  if (folder !== '' && children.length === 0 && !await folderExists(content.session.db, repository.id, folder)) throw artifactNotFound(repositoryKey, path);
  // links in the page are relative to the folder
  if (!address.endsWith('/')) return reply.redirect(content.addresses.artifact(repositoryKey, folder), 302);
  const page = folderPage(repositoryKey, path, children);
  return reply.type('text/html; charset=utf-8').send(page);
}

function requiredOf(request: FastifyRequest, path: string): Pick<Packaging, 'requires'> {
  const ifMatch = request.headers['if-match'];
  return ifMatch === undefined ? {} : { requires: presentOnly(ifMatch, path) };
}

function isTrue(request: FastifyRequest, header: string): boolean {
  return request.headers[header]?.toString().toLowerCase() === 'true';
}

function requirePath(request: FastifyRequest): RepositoryPath {
  const named = parseArtifactUrl(request.raw.url ?? '', prefix);
  if (named.path === '') throw new BulkheadError('PATH_INVALID', 'A path inside the repository is needed');
  return named;
}

/** A part cannot be deployed (RFC 9110, section 14.4): to store it as if it were the whole would be wrong. */
function requireWholeBody(request: FastifyRequest): void {
  if (request.headers['content-range'] !== undefined) {
    throw new BulkheadError('HEADER_INVALID', 'A deploy takes the whole content, no Content-Range', { details: { header: 'Content-Range' } });
  }
}
