import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../contract/index.ts';
import { parseArtifactUrl } from '../../http/artifact-path.ts';
import { contentOf } from '../../http/content/content-of.ts';
import { bodyOf, receiving, sendRecorded, streamBodies } from '../../http/content/request-body.ts';
import { sendResolved } from '../../http/content/send-resolved.ts';
import type { RouteModule } from '../../http/route-module.ts';
import { validated } from '../../http/validated.ts';
import { artifactNotFound, type Content } from '../../repositories/content.ts';
import { readRepositoryOf } from '../../repositories/require-format.ts';
import { resolve } from '../../repositories/resolve.ts';
import { isProjectName, normalizeName } from './names.ts';
import { chooseSpelling } from './negotiation.ts';
import { documentPaths, type Spelling } from './paths.ts';
import { storeUpload } from './upload.ts';
import { readUploadForm } from './upload-form.ts';
import { canonicalVersion, parseVersion } from './versions.ts';
import { yank } from './yank.ts';

const base = '/artifactory/api/pypi/:repository';
const repositoryParameter = z.object({ repository: z.string() });
const projectParameters = z.object({ repository: z.string(), project: z.string() });
const versionParameters = z.object({ repository: z.string(), project: z.string(), version: z.string() });
const formatQuery = z.object({ format: z.string().optional() });
const yankBody = z.object({
  reason: z.string().max(1000).optional(),
  files: z.array(z.string().max(255)).min(1).max(1000).optional(),
}).strict();

/** `POST /api/pypi/{repository}`: an upload as twine sends it. */
export const pypiUploadRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);
  streamBodies(app);
  for (const url of [base, `${base}/`]) {
    app.post(url, async (request, reply) => receiving(request, reply, async () => {
      const { repository } = validated(repositoryParameter, request.params, 'PARAMETER_INVALID');
      await readRepositoryOf(content(), repository, 'pypi');
      const form = await readUploadForm(request.headers['content-type'], bodyOf(request));
      const { principal, replayKey } = request;
      return sendRecorded(reply, await storeUpload(content(), { principal, repositoryKey: repository, replayKey }, form));
    }));
  }
};

/** The simple API, the older JSON API, files, and yanking. */
export const pypiRoutes: RouteModule = (app, context) => {
  const content = contentOf(context);
  const get = (path: string, handler: (request: FastifyRequest, reply: FastifyReply, content: Content) => Promise<FastifyReply>): void => {
    app.route({ method: ['GET', 'HEAD'], url: `${base}${path}`, handler: (request, reply) => handler(request, reply, content()) });
  };
  get('/simple', async (request, reply, { addresses }) => {
    const { repository } = validated(repositoryParameter, request.params, 'PARAMETER_INVALID');
    return reply.redirect(`${addresses.root}/api/pypi/${encodeURIComponent(repository)}/simple/`, 301);
  });
  get('/simple/', sendProjects);
  get('/simple/:project', sendProject);
  get('/simple/:project/', sendProject);
  get('/packages/*', sendFile);
  get('/pypi/:project/json', sendDescription);
  get('/pypi/:project/:version/json', sendDescription);
  registerYank(app, content);
};

async function sendProjects(request: FastifyRequest, reply: FastifyReply, content: Content): Promise<FastifyReply> {
  const { repository } = validated(repositoryParameter, request.params, 'PARAMETER_INVALID');
  return sendList(request, reply, content, repository, documentPaths.projects);
}

async function sendProject(request: FastifyRequest, reply: FastifyReply, content: Content): Promise<FastifyReply> {
  const { repository, project } = validated(projectParameters, request.params, 'PARAMETER_INVALID');
  const normalized = requireName(project);
  const [address = '', query] = (request.raw.url ?? '').split('?', 2);
  if (normalized !== project || !address.endsWith('/')) {
    const target = `${content.addresses.root}/api/pypi/${encodeURIComponent(repository)}/simple/${normalized}/`;
    return reply.redirect(query === undefined ? target : `${target}?${query}`, 301);
  }
  return sendList(request, reply, content, repository, (spelling) => documentPaths.project(normalized, spelling));
}

async function sendList(
  request: FastifyRequest, reply: FastifyReply, content: Content, repository: string, path: (spelling: Spelling) => string,
): Promise<FastifyReply> {
  const { format } = validated(formatQuery, request.query, 'PARAMETER_INVALID');
  reply.header('vary', 'Accept');
  const chosen = chooseSpelling(request.headers.accept, format);
  if (chosen === null) throw new BulkheadError('NOT_ACCEPTABLE', undefined, { hint: 'Ask for application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html or text/html.' });
  return sendPath(request, reply, content, repository, path(chosen.spelling), chosen.mimeType);
}

async function sendFile(request: FastifyRequest, reply: FastifyReply, content: Content): Promise<FastifyReply> {
  const { repositoryKey, path } = parseArtifactUrl(request.raw.url ?? '', '/artifactory/api/pypi/');
  return sendPath(request, reply, content, repositoryKey, path.slice('packages/'.length));
}

async function sendDescription(request: FastifyRequest, reply: FastifyReply, content: Content): Promise<FastifyReply> {
  const { repository, project, version } = validated(versionParameters.partial({ version: true }), request.params, 'PARAMETER_INVALID');
  return sendPath(request, reply, content, repository, documentPaths.description(requireName(project), version === undefined ? null : requireVersion(version)));
}

async function sendPath(
  request: FastifyRequest, reply: FastifyReply, content: Content, repository: string, path: string, mimeType?: string,
): Promise<FastifyReply> {
  await readRepositoryOf(content, repository, 'pypi');
  const found = await resolve(content, request.principal, repository, path);
  if (found.kind === 'nothing') throw artifactNotFound(repository, path);
  return sendResolved(request, reply, content, found, path.slice(path.lastIndexOf('/') + 1), mimeType);
}

/** `POST /api/pypi/{repository}/{project}/{version}/yank|unyank`. */
function registerYank(app: FastifyInstance, content: () => Content): void {
  for (const action of ['yank', 'unyank'] as const) {
    app.post(`${base}/:project/:version/${action}`, async (request, reply) => {
      const { repository, project, version } = validated(versionParameters, request.params, 'PARAMETER_INVALID');
      const { reason, files } = validated(yankBody, request.body);
      const { principal, replayKey } = request;
      return sendRecorded(reply, await yank(content(), {
        principal, repositoryKey: repository, project: requireName(project), version: requireVersion(version), files, replayKey,
        yanked: action === 'unyank' ? null : reason === undefined || reason === '' ? true : reason,
      }));
    });
  }
}

function requireName(name: string): string {
  if (!isProjectName(name)) throw new BulkheadError('PATH_INVALID', `'${name.slice(0, 100)}' is no name of a project`);
  return normalizeName(name);
}

function requireVersion(text: string): string {
  const version = parseVersion(text);
  if (version === null) throw new BulkheadError('PATH_INVALID', `'${text.slice(0, 100)}' is no version of a project`);
  return canonicalVersion(version);
}
