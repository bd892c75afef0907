import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { DemoFolder } from './folder.ts';
import { writeAtomically } from './process/index.ts';

const port = z.number().int().min(1).max(65_535);

/** What the cluster in a data folder consists of; processes are another matter. */
const layout = z.object({
  version: z.literal(1),
  balancer: z.object({ port, statusPort: port }),
  database: z.object({ port }),
  nodes: z.array(z.object({ nodeId: z.string(), port })),
  /** number of the next node that is added; ids are never used again, as the cluster remembers their drains */
  nextNode: z.number().int(),
  /** schema, cluster and first administrator are there */
  created: z.boolean(),
});
export type DemoLayout = z.infer<typeof layout>;

/** Null when the folder holds no demo yet. */
export async function readLayout(folder: DemoFolder): Promise<DemoLayout | null> {
  let text: string;
  try {
    text = await readFile(folder.layoutFile, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return layout.parse(JSON.parse(text));
}

export async function writeLayout(folder: DemoFolder, changed: DemoLayout): Promise<void> {
  await writeAtomically(folder.layoutFile, `${JSON.stringify(changed, null, 2)}\n`);
}

export function nodeUrl(node: { port: number }): string {
  return `http://127.0.0.1:${node.port}`;
}
