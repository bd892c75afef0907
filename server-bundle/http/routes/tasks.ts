import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BulkheadError, type TaskList, type TaskRun } from '../../contract/index.ts';
import { collectionLock } from '../../metadata/collection.ts';
import { cancelTaskRun, findActiveRun, findTaskRun, listTaskRuns, requestTaskRun } from '../../metadata/task-runs.ts';
import { requireAdmin } from '../../security/authorize.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

const base = '/artifactory/api/v1/tasks';

const flag = z.enum(['0', '1', 'true', 'false', '']).transform((text) => text !== '0' && text !== 'false');
const collectionQuery = z.strictObject({ dryRun: flag.optional() });
const listQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(50) });
const runAddress = z.object({ id: z.uuid() });

/** Cluster-wide tasks: any node takes the call, the master does the work (design: jobs). Administrators only. */
export const taskRoutes: RouteModule = (app, { config, runtime }) => {
  app.post('/artifactory/api/system/storage/gc', async (request, reply): Promise<TaskRun> => {
    requireAdmin(request.principal);
    const { dryRun = false } = validated(collectionQuery, request.query, 'PARAMETER_INVALID');
    const { db } = runtime.session();
    const locked = dryRun ? null : await collectionLock(db);
    if (locked !== null) throw new BulkheadError('COLLECTION_LOCKED', `Collection is locked: ${locked}`);
    const run = await requestTaskRun(db, { id: randomUUID(), kind: 'gc', requestedBy: request.principal.name, arguments: { dryRun } });
    if (run === undefined) {
      const active = await findActiveRun(db, 'gc');
      throw new BulkheadError('TASK_RUNNING', undefined, { details: { id: active?.id ?? null } });
    }
    void reply.code(202).header('Location', `${config.baseUrl.replace(/\/+$/, '')}${base}/${run.id}`);
    return run;
  });

  app.get(base, async (request): Promise<TaskList> => {
    requireAdmin(request.principal);
    const { limit } = validated(listQuery, request.query, 'PARAMETER_INVALID');
    return { apiVersion: 1, tasks: await listTaskRuns(runtime.session().db, limit) };
  });

  app.get(`${base}/:id`, async (request): Promise<TaskRun> => {
    requireAdmin(request.principal);
    return found(await findTaskRun(runtime.session().db, idOf(request.params)));
  });

  app.post(`${base}/:id/cancel`, async (request, reply): Promise<TaskRun> => {
    requireAdmin(request.principal);
    const run = found(await cancelTaskRun(runtime.session().db, idOf(request.params)));
    if (run.state === 'running') void reply.code(202);
    return run;
  });
};

function idOf(parameters: unknown): string {
  const parsed = runAddress.safeParse(parameters);
  if (!parsed.success) throw new BulkheadError('TASK_NOT_FOUND');
  return parsed.data.id;
}

function found(run: TaskRun | undefined): TaskRun {
  if (run === undefined) throw new BulkheadError('TASK_NOT_FOUND');
  return run;
}
