import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { killAtExit } from '../harness/processes.ts';

/** Looks at every process below `root` again and again, and prints each new text once, as JSON. */
const program = String.raw`
const { readdirSync, readFileSync } = require('node:fs');
const root = process.argv[1];
const seen = new Set();
const read = (pid, name) => { try { return readFileSync('/proc/' + pid + '/' + name, 'latin1'); } catch { return ''; } };
const look = () => {
  const parents = new Map();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = read(pid, 'stat');
    parents.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  const isBelow = (pid) => { for (let at = pid; at !== undefined && at !== '0'; at = parents.get(at)) if (at === root) return true; return false; };
  for (const pid of parents.keys()) {
    if (pid === String(process.pid) || !isBelow(pid)) continue;
    for (const name of ['cmdline', 'environ']) {
      const text = read(pid, name);
      if (text === '' || seen.has(text)) continue;
      seen.add(text);
      console.log(JSON.stringify({ name, text }));
    }
  }
  setTimeout(look, 10);
};
look();
`;

export interface SeenText {
  readonly name: 'cmdline' | 'environ';
  readonly text: string;
}

/** Command lines and environments of all processes that this one has started, those on hosts of the lab included. */
export class ProcessSampler {
  readonly seen: SeenText[] = [];
  readonly #stop: () => Promise<void>;

  constructor() {
    const child = spawn(process.execPath, ['-e', program, String(process.pid)], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
    killAtExit(child);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => { this.seen.push(JSON.parse(line) as SeenText); });
    const ended = new Promise<void>((resolve) => { lines.once('close', () => resolve()); });
    this.#stop = async () => {
      child.kill();
      await ended;
    };
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}
