import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { NodeContext } from '../../node/context.ts';
import { readProperties } from '../../repositories/properties/read-properties.ts';
import { parsePropertyNames } from '../../repositories/properties/property-string.ts';
import { itemStats } from '../../repositories/downloads/item-stats.ts';
import { itemPermissions, type ActionsOf } from '../../repositories/item-permissions.ts';
import { lastModified } from '../../repositories/last-modified.ts';
import { storageInfo } from '../../repositories/storage-info.ts';
import { storageList } from '../../repositories/storage-list.ts';
import { parseArtifactUrl } from '../artifact-path.ts';
import { contentOf } from '../content/content-of.ts';
import { flag } from '../query-flag.ts';
import { streamList } from '../stream-list.ts';
import { untilAnswered } from '../until-answered.ts';
import { validated } from '../validated.ts';
import { letterOf } from './access/permission-json.ts';

const prefix = '/artifactory/api/storage/';

const listQuery = z.object({
  list: flag.optional(),
  lastModified: flag.optional(),
  permissions: flag.optional(),
  /** names, comma-separated; empty: all */
  properties: z.string().optional(),
  deep: flag.default(false),
  depth: z.coerce.number().int().min(1).max(1000).optional(),
  listFolders: flag.default(false),
  mdTimestamps: flag.default(false),
  includeRootPath: flag.default(false),
  stats: flag.optional(),
});

/** `GET /api/storage/{repository}[/{path}]`, with and without `?list`, in Artifactory's shape. */
export function registerStorageRoutes(app: FastifyInstance, context: NodeContext): void {
  const content = contentOf(context);
  app.addHook('onClose', async () => {
    try {
      await content().downloads.flush();
    } catch {
      // without a session there is nothing to write to: the last seconds are lost, as when a node is killed
    }
  });
  for (const url of ['/artifactory/api/storage/:repository', '/artifactory/api/storage/:repository/*']) {
    app.get(url, async (request, reply) => {
      const { repositoryKey, path } = parseArtifactUrl(request.raw.url ?? '', prefix);
      const query = validated(listQuery, request.query, 'PARAMETER_INVALID');
      if (query.properties !== undefined) {
        const properties = await readProperties(content(), request.principal, repositoryKey, path, parsePropertyNames(query.properties));
        return reply.type('application/vnd.org.jfrog.artifactory.storage.ItemProperties+json').send(JSON.stringify(properties, null, 2));
      }
      if (query.lastModified === true) {
        const last = await lastModified(content(), request.principal, repositoryKey, path);
        return reply.type('application/vnd.org.jfrog.artifactory.storage.ItemLastModified+json').send(JSON.stringify(last, null, 2));
      }
      if (query.stats === true) {
        const stats = await itemStats(content(), request.principal, repositoryKey, path);
        return reply.type('application/vnd.org.jfrog.storage.StatsInfo+json').send(JSON.stringify(stats, null, 2));
      }
      if (query.permissions === true) {
        const { uri, users, groups } = await itemPermissions(content(), request.principal, repositoryKey, path);
        const body = { uri, principals: { users: letters(users), groups: letters(groups) } };
        return reply.type('application/vnd.org.jfrog.artifactory.storage.ItemPermissions+json').send(JSON.stringify(body, null, 2));
      }
      if (query.list !== true) {
        const info = await storageInfo(content(), request.principal, repositoryKey, path);
        const kind = 'children' in info ? 'FolderInfo' : 'FileInfo';
        return reply.type(`application/vnd.org.jfrog.artifactory.storage.${kind}+json`).send(JSON.stringify(info, null, 2));
      }
      const { files, ...fields } = await storageList(content(), request.principal, repositoryKey, path, {
        depth: query.deep ? (query.depth ?? Infinity) : 1,
        listFolders: query.listFolders, mdTimestamps: query.mdTimestamps, includeRootPath: query.includeRootPath,
      }, untilAnswered(reply.raw));
      return reply.type('application/vnd.org.jfrog.artifactory.storage.FileList+json').send(streamList(fields, 'files', files));
    });
  }
}

function letters(actions: ActionsOf): Record<string, string[]> {
  return Object.fromEntries([...actions].map(([name, given]) => [name, [...given].map((action) => letterOf[action])]));
}
