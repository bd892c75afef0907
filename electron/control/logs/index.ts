import type { z } from 'zod';
import type { logBatch } from '../../contract/index.ts';
import { followFile } from './follow-file.ts';
import { parseLogLine } from './parse-line.ts';

/** What balancers and this app ask all the time; it would bury everything else. */
const routine = new Set(['/artifactory/api/system/ping', '/artifactory/api/v1/cluster']);

/** A node's log from its file: up to 200 earlier lines first, then each batch as it is written. */
export async function* followLog(file: string, signal: AbortSignal): AsyncGenerator<z.output<typeof logBatch>> {
  for await (const { reset, lines } of followFile(file, signal)) {
    const now = Date.now();
    const shown = lines.filter((line) => !isRoutine(line));
    if (reset || shown.length > 0) yield { reset, lines: shown.map((line) => parseLogLine(line, now)) };
  }
}

function isRoutine(line: string): boolean {
  const [, path] = /^\{.*"method":"GET","path":"([^"]*)","status":200,/.exec(line) ?? [];
  return path !== undefined && routine.has(path);
}
