import { z } from 'zod';
import type { Fleet } from './fleet.ts';

export const demoClusterId = 'demo';

const demoAccess = z.object({ dataDir: z.string() });

/** The folder that the demo was last started in from this app; `otherwise` before the first time. */
export function demoFolderOf(fleet: Fleet, otherwise: string): string {
  const known = fleet.list().find((cluster) => cluster.clusterId === demoClusterId);
  const access = demoAccess.safeParse(known?.access);
  return access.success ? access.data.dataDir : otherwise;
}

export function rememberDemoFolder(fleet: Fleet, dataDir: string): void {
  fleet.put({ clusterId: demoClusterId, name: 'Demo cluster', kind: 'demo', access: { dataDir } });
}
