import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { killAtExit } from '../../test/harness/processes.ts';
import { temporaryFolder, type TemporaryFolder } from '../../test/harness/temporary-folder.ts';
import { projectRoot } from '../build.ts';
import type { TestOf, Trap } from './trap.ts';

const left = new Set(['node_modules', 'out', '.git', 'docs']);
const results = z.object({
  testResults: z.array(z.object({ name: z.string(), message: z.string().default(''), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
});

/** A copy of the sources, in which rules are taken out one after the other. */
export class Copy implements AsyncDisposable {
  readonly #folder: TemporaryFolder;
  readonly #root: string;

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder;
    this.#root = join(folder.path, 'bulkhead');
  }

  static async make(): Promise<Copy> {
    const copy = new Copy(await temporaryFolder('traps'));
    await cp(projectRoot, copy.#root, { recursive: true, filter: (path) => !left.has(relative(projectRoot, path).split(sep)[0] ?? '') });
    await symlink(join(projectRoot, 'node_modules'), join(copy.#root, 'node_modules'));
    return copy;
  }

  /** Runs the tests of a trap without its rule; resolves to what speaks against them: nothing, when each of them failed. */
  async without({ tests, removal }: Trap): Promise<string[]> {
    const before = new Map<string, string>();
    for (const { file, find, replace } of removal) {
      const path = join(this.#root, file);
      const text = await readFile(path, 'utf8');
      if (!before.has(path)) before.set(path, text);
      await writeFile(path, text.replace(find, () => replace));
    }
    try {
      const wrong: string[] = [];
      for (const file of new Set(tests.map((test) => test.file))) wrong.push(...await this.#run(file, tests.filter((test) => test.file === file)));
      return wrong;
    } finally {
      for (const [path, text] of before) await writeFile(path, text);
    }
  }

  async #run(file: string, tests: readonly TestOf[]): Promise<string[]> {
    const report = join(this.#folder.path, 'report.json');
    await rm(report, { force: true });
    const names = tests.map(({ name }) => `^${escaped(name)}`).join('|');
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file, '-t', names, '--reporter=json', `--outputFile=${report}`], { cwd: this.#root, stdio: 'ignore' });
    killAtExit(child);
    await once(child, 'exit');
    const { testResults } = results.parse(JSON.parse(await readFile(report, 'utf8')));
    const ran = testResults.flatMap(({ assertionResults }) => assertionResults);
    return tests.flatMap(({ name }) => {
      const found = ran.filter(({ fullName, status }) => fullName.startsWith(name) && status !== 'skipped' && status !== 'pending');
      if (found.length === 0) return [`${file}: "${name}" did not run${testResults.map(({ message }) => message === '' ? '' : `: ${message.slice(0, 300)}`).join('')}`];
      return found.some(({ status }) => status === 'failed') ? [] : [`${file}: "${name}" passes without the rule`];
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#folder.remove();
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
