import { loadNodeConfig } from '../config/load.ts';
import { say } from './output.ts';

/** `bulkhead-node check-config` */
export async function checkConfigCommand(configFile: string, json: boolean): Promise<void> {
  const config = await loadNodeConfig(configFile);
  say(json, { valid: true, file: configFile, nodeId: config.node.id }, `${configFile} is valid (node ${config.node.id}).`);
}
