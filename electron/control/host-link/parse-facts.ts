/** One answer of a host's facts loop, as it was printed; numbers in the host's own units are converted here. */
export interface RawFacts {
  readonly number: number;
  /** by the host's clock, milliseconds since 1970; whole seconds where its `date` knows no smaller ones */
  readonly clockMs: number;
  readonly isClockFine: boolean;
  readonly hostname: string;
  readonly kernel: string;
  readonly cores: number;
  readonly uptimeSeconds: number;
  readonly load1: number;
  /** ticks since boot, all cores together */
  readonly busyTicks: number;
  readonly totalTicks: number;
  readonly memoryTotalBytes: number;
  readonly memoryAvailableBytes: number;
  readonly unit: ReadonlyMap<string, string>;
  readonly process: RawProcess | null;
  readonly disks: readonly RawDisk[];
  /** null: not asked this time */
  readonly releases: { readonly installed: string | null; readonly names: readonly string[] } | null;
}

export interface RawProcess {
  readonly pid: number;
  /** user and system time, ticks of 10 ms */
  readonly ticks: number;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly openFiles: number | null;
  readonly openFilesLimit: number | null;
}

export interface RawDisk {
  readonly purpose: 'root' | 'opt' | 'filestore';
  readonly path: string;
  readonly mount: string;
  readonly device: string;
  readonly totalBytes: number;
  readonly availableBytes: number;
}

const pageBytes = 4096;
const purposes = ['root', 'opt', 'filestore'] as const;

/** Collects lines until an answer is whole. Lines that are not understood are left out: a host may print what it likes. */
export class FactsParser {
  #rest = '';
  #lines: string[] = [];

  /** @returns the answers that became whole, and file systems that were told outside of one */
  add(text: string): { answers: RawFacts[]; disks: RawDisk[] } {
    const pieces = (this.#rest + text).split('\n');
    this.#rest = (pieces.pop() ?? '').slice(-16_384);
    const answers: RawFacts[] = [];
    const disks: RawDisk[] = [];
    for (const line of pieces) {
      if (line.startsWith('t ')) this.#lines = [];
      const disk = line.startsWith('f filestore ') ? parseDisk(line.slice(2)) : null;
      if (disk !== null) disks.push(disk);
      else if (line.startsWith('e ')) {
        const answer = parseAnswer(this.#lines);
        if (answer !== null && answer.number === Number(line.slice(2))) answers.push(answer);
        this.#lines = [];
      } else this.#lines.push(line);
      if (this.#lines.length > 500) this.#lines = [];
    }
    return { answers, disks };
  }
}

function parseAnswer(lines: readonly string[]): RawFacts | null {
  const all = (letter: string): string[] => lines.filter((line) => line.startsWith(`${letter} `)).map((line) => line.slice(2));
  const text = (letter: string): string => all(letter)[0] ?? '';
  const number = (letter: string): number => Number(text(letter));
  const [seconds = '', fraction] = text('d').split('.');
  const isClockFine = /^\d+$/.test(fraction ?? '');
  const ticks = text('c').trim().split(/\s+/).map(Number);
  const totalTicks = ticks.slice(0, 8).reduce((sum, value) => sum + value, 0);
  const idleTicks = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const facts = {
    number: number('t'),
    clockMs: Number(seconds) * 1000 + (isClockFine ? Number(`0.${fraction ?? '0'}`) * 1000 : 0),
    isClockFine, hostname: text('h'), kernel: text('k'), cores: number('n'), uptimeSeconds: number('u'), load1: number('l'),
    busyTicks: totalTicks - idleTicks, totalTicks, memoryTotalBytes: number('M') * 1024, memoryAvailableBytes: number('m') * 1024,
    unit: new Map(all('s').map((property) => { const at = property.indexOf('='); return [property.slice(0, at), property.slice(at + 1)] as const; })),
    process: parseProcess(text('p'), text('F'), text('L')),
    disks: all('f').map(parseDisk).filter((disk) => disk !== null),
    releases: all('f').length === 0 ? null : { installed: all('i')[0]?.replace(/^.*\//, '') ?? null, names: all('r') },
  };
  const needed = [facts.number, facts.clockMs, facts.cores, facts.uptimeSeconds, facts.totalTicks, facts.memoryTotalBytes];
  return needed.every((value) => Number.isFinite(value) && value > 0) ? facts : null;
}

/** @param stat `/proc/PID/stat` (proc_pid_stat(5)): the name in parentheses may hold anything, fields count from behind it */
function parseProcess(stat: string, files: string, limits: string): RawProcess | null {
  const end = stat.lastIndexOf(')');
  if (end < 0) return null;
  const fields = stat.slice(end + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const limit = /Max open files\s+(\d+)/.exec(limits)?.[1];
  const process = {
    pid: Number(stat.slice(0, stat.indexOf(' '))), ticks: field(14) + field(15), threads: field(20), memoryBytes: field(24) * pageBytes,
    openFiles: files === '' ? null : Number(files), openFilesLimit: limit === undefined ? null : Number(limit),
  };
  return Number.isFinite(process.ticks) && Number.isFinite(process.memoryBytes) ? process : null;
}

/** "purpose path device blocks used available capacity mount", the mount may hold spaces. */
function parseDisk(line: string): RawDisk | null {
  const [purpose, path, device, blocks, , available, , ...mount] = line.split(/\s+/);
  const known = purposes.find((each) => each === purpose);
  if (known === undefined || path === undefined || device === undefined || mount.length === 0) return null;
  const disk = { purpose: known, path, device, mount: mount.join(' '), totalBytes: Number(blocks) * 1024, availableBytes: Number(available) * 1024 };
  return Number.isFinite(disk.totalBytes) && Number.isFinite(disk.availableBytes) ? disk : null;
}
