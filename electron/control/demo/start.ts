import { mkdir, rm, statfs } from 'node:fs/promises';
import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import { askAnyNode } from '../node-api/index.ts';
import { writeConfigs, databaseName, databaseRole } from './configs.ts';
import { ensureSecrets, readAdmin, writeAdmin, type AdminCredentials } from './credentials.ts';
import type { DemoContext } from './demo-context.ts';
import { readLayout, writeLayout, type DemoLayout } from './layout.ts';
import { assertPortFree, findFreePorts, isPortFree } from './ports.ts';
import { PostgresServer } from './postgres/index.ts';
import { identify, type ProcessIdentity } from './process/index.ts';
import { forgetRunState, isStanding, writeRunState } from './run-state.ts';
import { neededDiskBytes } from './sizing.ts';
import { clearLeftovers } from './stop-parts.ts';

export interface StartOptions {
  readonly nodes: number;
  /** 0: a free one */
  readonly port: number;
  /** the demo ends with this process, also when it is killed: the next start then clears it away */
  readonly foreground: boolean;
}

/** Starts the whole cluster; the caller holds the lock. On failure or cancellation every process of this start is ended again. */
export async function startCluster(context: DemoContext, options: StartOptions, signal: AbortSignal): Promise<void> {
  const { folder, parts, progress } = context;
  const fresh = (await readLayout(folder)) === null;
  progress.reach('prepare');
  try {
    await folder.assertOurs();
    if (await isStanding(folder, await parts.registry.see())) throw new BulkheadError('DEMO_RUNNING', undefined, { details: { dataDir: folder.path } });
    await parts.assertPrograms();
    await assertRoom(folder.path, fresh);
    progress.reach('clean-up');
    await forgetRunState(folder);
    await clearLeftovers(folder, parts.registry, await configNames(context));
    await launchAll(context, await prepareLayout(context, options), signal);
    await writeRunState(folder, { startedAt: Date.now(), owner: options.foreground ? await identify(process.pid) : null });
  } catch (caught) {
    const error = asStartFailure(caught);
    if (error.code !== 'DEMO_RUNNING') {
      await clearLeftovers(folder, parts.registry, await configNames(context)).catch(() => undefined);
      if (fresh && error.code !== 'DEMO_START_FAILED' && error.code !== 'ARGUMENT_INVALID') await removeContents(context);
    }
    throw error;
  }
}

/** Deletes what belongs to a demo in its folder, and the folder when nothing else is in it. */
export async function removeContents({ folder }: DemoContext): Promise<void> {
  for (const path of folder.contents) await rm(path, { recursive: true, force: true, maxRetries: 5 });
}

async function launchAll(context: DemoContext, prepared: DemoLayout, signal: AbortSignal): Promise<void> {
  const { folder, parts, progress } = context;
  const secrets = await ensureSecrets(folder);
  const server = await PostgresServer.in(folder.postgres);
  if (!(await server.isInitialized())) {
    progress.reach('initdb');
    const { superuserPassword, databasePassword } = secrets;
    await server.initialize({ superuserPassword, role: databaseRole, rolePassword: databasePassword, database: databaseName }, signal);
  }
  await mkdir(folder.filestore, { recursive: true });
  await writeConfigs(folder, prepared, secrets);
  progress.reach('database');
  await parts.startDatabase(prepared, signal);

  // schema and administrator are made while the nodes come up: each of them waits for the schema by itself
  progress.reach(prepared.created ? 'nodes' : 'migrate');
  const [nodes, balancer] = await Promise.all([
    Promise.all(prepared.nodes.map(async (node) => ({ node, identity: await parts.launchNode(node.nodeId) }))),
    parts.launchBalancer(),
    prepared.created ? undefined : createAdmin(context, prepared, signal),
  ]);
  progress.reach('nodes', `Starting ${nodes.length} nodes`);
  await Promise.all(nodes.map(({ node, identity }) => parts.untilNodeServes(node, identity, signal)));
  progress.reach('balancer');
  await parts.untilBalancerServes(prepared, balancer, signal);
  progress.reach('ready');
  await untilWhole(context, prepared, nodes.map(({ identity }) => identity), signal);
}

async function configNames(context: DemoContext): Promise<string[]> {
  const nodes = (await readLayout(context.folder))?.nodes ?? [];
  return ['balancer', ...nodes.map((node) => node.nodeId)];
}

/** Keeps ids and ports of an earlier start where it can; addresses that are taken by now are chosen anew. */
async function prepareLayout({ folder }: DemoContext, options: StartOptions): Promise<DemoLayout> {
  const earlier = await readLayout(folder);
  const [balancer = 0, status = 0, database = 0, ...others] = await findFreePorts(3 + options.nodes);
  if (options.port !== 0) await assertPortFree(options.port);
  const keep = async (port: number | undefined, otherwise: number): Promise<number> =>
    port !== undefined && await isPortFree(port) ? port : otherwise;
  const nodes = [...earlier?.nodes ?? []].slice(0, options.nodes);
  let nextNode = earlier?.nextNode ?? 1;
  while (nodes.length < options.nodes) {
    nodes.push({ nodeId: `node-${nextNode}`, port: others[nodes.length] ?? 0 });
    nextNode += 1;
  }
  const layout: DemoLayout = {
    version: 1,
    balancer: { port: options.port === 0 ? await keep(earlier?.balancer.port, balancer) : options.port, statusPort: await keep(earlier?.balancer.statusPort, status) },
    database: { port: await keep(earlier?.database.port, database) },
    nodes: await Promise.all(nodes.map(async (node, index) => ({ ...node, port: await keep(node.port, others[index] ?? 0) }))),
    nextNode,
    created: (earlier?.created ?? false) && (await readAdmin(folder)) !== null,
  };
  await mkdir(folder.logs, { recursive: true, mode: 0o750 });
  await writeLayout(folder, layout);
  return layout;
}

/** The first administrator. When an earlier start was broken off between making and noting it, it gets a new password. */
async function createAdmin({ folder, parts }: DemoContext, layout: DemoLayout, signal: AbortSignal): Promise<void> {
  const nodeId = layout.nodes[0]?.nodeId ?? 'node-1';
  let admin: AdminCredentials;
  try {
    admin = await parts.runBundle('init-admin', nodeId, signal) as AdminCredentials;
  } catch (error) {
    const exists = error instanceof BulkheadError && (error.details as { refusal?: string } | undefined)?.refusal === 'ADMIN_EXISTS';
    if (!exists) throw error;
    admin = await parts.runBundle('reset-admin', nodeId, signal) as AdminCredentials;
  }
  await writeAdmin(folder, { user: admin.user, password: admin.password });
  await writeLayout(folder, { ...layout, created: true });
}

/** Waits until a node reports all nodes as serving, and a master. */
async function untilWhole(context: DemoContext, layout: DemoLayout, identities: readonly (ProcessIdentity | null)[], signal: AbortSignal): Promise<void> {
  const end = performance.now() + 20_000;
  const wanted = new Set(layout.nodes.map((node) => node.nodeId));
  let seen: unknown = identities.length;
  while (performance.now() < end) {
    if (signal.aborted) throw new BulkheadError('CANCELLED');
    try {
      const view = await askAnyNode(context.access, context.environment.agent, (node) => node.view(signal, 10_000));
      const serving = view.nodes.filter((node) => wanted.has(node.nodeId) && node.observed === 'serving');
      if (view.master !== null && serving.length === wanted.size) return;
      seen = view.nodes.map(({ nodeId, observed }) => ({ nodeId, observed }));
    } catch (error) {
      seen = asBulkheadError(error).message;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new BulkheadError('DEMO_START_FAILED', 'The cluster does not come together', { details: { step: 'ready', seen } });
}

async function assertRoom(path: string, fresh: boolean): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  const needed = fresh ? neededDiskBytes : neededDiskBytes / 10;
  if (bavail * bsize >= needed) return;
  throw noRoom({ path, freeBytes: bavail * bsize, neededBytes: needed });
}

function noRoom(details: object, cause?: unknown): BulkheadError {
  return new BulkheadError('FILESTORE_FULL', 'The disk has no room for the demo', {
    details, hint: 'Free some space, or choose a data folder on another disk.', ...(cause === undefined ? {} : { cause }),
  });
}

/** System errors that a user can do something about get a code of their own. */
function asStartFailure(error: unknown): BulkheadError {
  if (error instanceof BulkheadError) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return noRoom({ path }, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new BulkheadError('ARGUMENT_INVALID', `The data folder cannot be written (${code})`, { details: [{ path: 'dataDir', message: path ?? code }], cause: error });
  }
  return asBulkheadError(error);
}
