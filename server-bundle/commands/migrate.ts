import { loadNodeConfig } from '../config/load.ts';
import { withDatabase } from './database.ts';
import { say } from './output.ts';
import { prepareDatabase } from './prepare-database.ts';

/** `bulkhead-node migrate` */
export async function migrateCommand(configFile: string, json: boolean): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const report = await withDatabase(config, (db) => prepareDatabase(db, config));
  const applied = report.applied.length === 0 ? 'The schema was up to date' : `Applied ${String(report.applied.length)} migration(s)`;
  const cluster = `${report.created ? 'created' : 'found'} the cluster ${report.cluster.name} (${report.cluster.id})`;
  say(json, { ...report }, `${applied}; ${cluster}.`);
}
