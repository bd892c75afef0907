import { globSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { splitLine, type ConfigLine } from './split-line.ts';

/** A line with where it stands, `file:line`. */
export interface Directive extends ConfigLine {
  readonly at: string;
}

/** Files that an Include line names, as they are read. */
export interface Inclusion {
  readonly files: readonly ConfigFile[];
}

/** Lines behind one Host or Match line, or before the first one. */
export interface ConfigSection {
  readonly condition: Directive | null;
  readonly body: readonly (Directive | Inclusion)[];
}

export interface ConfigFile {
  readonly path: string;
  readonly sections: readonly ConfigSection[];
}

export interface ReadConfig {
  readonly file: ConfigFile;
  /** every file that was read */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

export interface ReadOptions {
  /** home folder: `~`, and where relative Include lines begin (`~/.ssh`) */
  readonly home: string;
}

/** as OpenSSH */
const deepest = 16;

/** Files that all include one another are read in every order, and nobody waits for the end of that. */
const mostFiles = 500;

/** Reads ssh_config with everything that it includes. A file that is not there is no error, as in OpenSSH; `path` itself has to be readable. */
export function readConfig(source: { readonly path: string; readonly text?: string }, { home }: ReadOptions): ReadConfig {
  const files: string[] = [];
  const warnings: string[] = [];

  /** files that are being read: one that includes itself, over others or not, has no end */
  const reading: string[] = [];
  let isFull = false;
  const read = (path: string, text: string, depth: number): ConfigFile => {
    files.push(path);
    reading.push(path);
    const sections: { condition: Directive | null; body: (Directive | Inclusion)[] }[] = [{ condition: null, body: [] }];
    for (const [index, line] of text.split('\n').entries()) {
      const at = `${path}:${index + 1}`;
      const parsed = splitLine(line);
      if (typeof parsed === 'string') warnings.push(`${at}: ${parsed}; the line is left out`);
      if (parsed === null || typeof parsed === 'string') continue;
      const directive = { ...parsed, at };
      if (parsed.keyword === 'host' || parsed.keyword === 'match') sections.push({ condition: directive, body: [] });
      else sections.at(-1)?.body.push(parsed.keyword === 'include' ? include(directive, depth + 1) : directive);
    }
    reading.pop();
    return { path, sections };
  };

  const include = ({ args, at }: Directive, depth: number): Inclusion => {
    if (depth > deepest) {
      warnings.push(`${at}: files include each other more than ${deepest} deep`);
      return { files: [] };
    }
    return {
      files: args.flatMap((pattern) => namesOf(pattern, home)).flatMap((path) => {
        if (reading.includes(path)) {
          warnings.push(`${at}: ${path} includes itself; ssh refuses such a file`);
          return [];
        }
        if (files.length >= mostFiles) {
          if (!isFull) warnings.push(`${at}: more than ${mostFiles} files are included; the rest is left out`);
          isFull = true;
          return [];
        }
        try {
          const text = readFileSync(path, 'utf8');
          return [read(path, text, depth)];
        } catch (error) {
          if (codeOf(error) !== 'ENOENT') warnings.push(`${at}: ${path} cannot be read (${codeOf(error)})`);
          return [];
        }
      }),
    };
  };

  const file = read(source.path, source.text ?? readFileSync(source.path, 'utf8'), 0);
  return { file, files, warnings };
}

/** `pattern` as glob(3) sees it, in the order of the names. */
function namesOf(pattern: string, home: string): string[] {
  const path = pattern === '~' || pattern.startsWith('~/') ? join(home, pattern.slice(1)) : pattern;
  const whole = isAbsolute(path) ? path : join(home, '.ssh', path);
  return /[*?[]/.test(whole) ? globSync(whole).sort() : [whole];
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
