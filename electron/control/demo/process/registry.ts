import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { conditionOf, type ProcessCondition, type ProcessIdentity } from './identity.ts';
import { writeAtomically } from './write-atomically.ts';

const recordedProcess = z.object({
  /** "database", "balancer", or a node's id */
  name: z.string(),
  kind: z.enum(['database', 'node', 'balancer']),
  pid: z.number().int(),
  startedAs: z.string(),
  command: z.string(),
  startedAt: z.number().describe('milliseconds since 1970'),
});
export type RecordedProcess = z.infer<typeof recordedProcess>;

const file = z.object({ version: z.literal(1), processes: z.array(recordedProcess) });

export type SeenProcess = RecordedProcess & { readonly condition: ProcessCondition };

/** What runs on behalf of one data folder, in `processes.json`: any shell reads it, the holder of the lock changes it. */
export class ProcessRegistry {
  readonly #file: string;
  #lastChange: Promise<void> = Promise.resolve();

  constructor(processesFile: string) {
    this.#file = processesFile;
  }

  /** Empty when there is no file yet, or one that nobody can read any more (the search by arguments still finds all). */
  async list(): Promise<RecordedProcess[]> {
    try {
      return file.parse(JSON.parse(await readFile(this.#file, 'utf8'))).processes;
    } catch {
      return [];
    }
  }

  /** Every recorded process with what the operating system says about it now. */
  async see(): Promise<SeenProcess[]> {
    const processes = await this.list();
    return Promise.all(processes.map(async (recorded) => ({ ...recorded, condition: await conditionOf(recorded) })));
  }

  async find(name: string): Promise<SeenProcess | null> {
    return (await this.see()).find((seen) => seen.name === name) ?? null;
  }

  record(added: Omit<RecordedProcess, 'pid' | 'startedAs'>, identity: ProcessIdentity): Promise<void> {
    const entry = { ...added, pid: identity.pid, startedAs: identity.startedAs };
    return this.#change((processes) => [...processes.filter((recorded) => recorded.name !== added.name), entry]);
  }

  forget(name: string): Promise<void> {
    return this.#change((processes) => processes.filter((recorded) => recorded.name !== name));
  }

  forgetAll(): Promise<void> {
    return this.#change(() => []);
  }

  /** One change after the other: parts are started side by side. */
  #change(next: (processes: RecordedProcess[]) => RecordedProcess[]): Promise<void> {
    const change = this.#lastChange.then(async () => {
      const processes = next(await this.list());
      await writeAtomically(this.#file, `${JSON.stringify({ version: 1, processes }, null, 2)}\n`);
    });
    this.#lastChange = change.catch(() => undefined);
    return change;
  }
}
