import { leastPool } from '../node/workers/shares.ts';
import { mostAtOnce, readKeys } from '../security/rotating-secrets.ts';
import { stat, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { nodeConfig, type NodeConfig } from './schema.ts';
import { errnoOf, readYamlFile, type RuleProblem } from './yaml-file.ts';

/**
 * Reads and checks a node's configuration. Paths in it are taken relative to the folder of the file and come back absolute.
 *
 * @throws CONFIG_INVALID with all problems at once
 */
export async function loadNodeConfig(file: string): Promise<NodeConfig> {
  const folder = dirname(resolve(file));
  return readYamlFile(file, nodeConfig, (config) => absolutePaths(config, folder), rules);
}

function absolutePaths(config: NodeConfig, folder: string): NodeConfig {
  const { tls } = config.database;
  return {
    ...config,
    cluster: { ...config.cluster, keyFile: resolve(folder, config.cluster.keyFile) },
    database: {
      ...config.database,
      ...(config.database.passwordFile === undefined ? {} : { passwordFile: resolve(folder, config.database.passwordFile) }),
      tls: tls.caFile === undefined ? tls : { ...tls, caFile: resolve(folder, tls.caFile) },
    },
    filestore: { ...config.filestore, path: resolve(folder, config.filestore.path) },
  };
}

async function* rules(config: NodeConfig): AsyncGenerator<RuleProblem> {
  const { pool, tls, passwordFile } = config.database;
  if (pool.min > pool.max) yield { path: ['database', 'pool', 'min'], message: `must not be above database.pool.max (${String(pool.max)})` };
  const { workers } = config.node;
  if (workers !== 'auto' && workers > 1 && pool.min < leastPool(workers)) {
    yield { path: ['node', 'workers'], message: `${String(workers)} workers need database.pool.min of at least ${String(leastPool(workers))}: two connections for each, and two for the node's own process` };
  }
  const { leaseTtlMs, leaseMarginMs, heartbeatMs, coherenceWindowMs, drainNoticeMs, drainDeadlineMs } = config.timing;
  if (leaseMarginMs * 2 > leaseTtlMs) yield { path: ['timing', 'leaseMarginMs'], message: 'must be at most half of timing.leaseTtlMs' };
  if (heartbeatMs * 3 > leaseTtlMs) yield { path: ['timing', 'heartbeatMs'], message: 'must be at most a third of timing.leaseTtlMs' };
  if (heartbeatMs * 2 > coherenceWindowMs) yield { path: ['timing', 'heartbeatMs'], message: 'must be at most half of timing.coherenceWindowMs' };
  if (drainNoticeMs > drainDeadlineMs) yield { path: ['timing', 'drainNoticeMs'], message: 'must not be above timing.drainDeadlineMs' };
  for (const [index, proxy] of config.http.trustedProxies.entries()) {
    if (!isAddressOrRange(proxy)) yield { path: ['http', 'trustedProxies', index], message: 'is no IP address and no CIDR range' };
  }
  for (const [index, address] of config.alerts.allowAddresses.entries()) {
    if (!isAddressOrRange(address)) yield { path: ['alerts', 'allowAddresses', index], message: 'is no IP address and no CIDR range' };
  }
  yield* clusterKey(config.cluster.keyFile);
  if (passwordFile !== undefined) yield* readableFile(passwordFile, ['database', 'passwordFile']);
  if (tls.caFile !== undefined) yield* readableFile(tls.caFile, ['database', 'tls', 'caFile']);
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

async function* clusterKey(file: string): AsyncGenerator<RuleProblem> {
  const path = ['cluster', 'keyFile'];
  try {
    const keys = readKeys(await readFile(file, 'utf8'));
    if (keys.length > mostAtOnce) yield { path, message: `holds ${String(keys.length)} keys: ${String(mostAtOnce)} at most, one a line` };
    if (keys.length === 0 || keys.some((key) => key.length < 32)) yield { path, message: 'holds less than 32 bytes in base64' };
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o007) !== 0) yield { path, message: `can be read by everybody (mode ${(mode & 0o777).toString(8)}): chmod 600 it` };
  } catch (error) {
    yield { path, message: `${file} cannot be read (${errnoOf(error)})` };
  }
}

async function* readableFile(file: string, path: readonly (string | number)[]): AsyncGenerator<RuleProblem> {
  try {
    await readFile(file);
  } catch (error) {
    yield { path, message: `${file} cannot be read (${errnoOf(error)})` };
  }
}
