import type { LogLine } from '../../contract/index.ts';

/** pino's numbers; PostgreSQL and Node.js itself write words. */
const levels: readonly (readonly [number, LogLine['level']])[] = [[50, 'error'], [40, 'warn'], [30, 'info'], [0, 'debug']];
const longestText = 4000;
/** Fields that are the line's own, not part of what it says. */
const frame = new Set(['level', 'time', 'pid', 'hostname', 'nodeId', 'msg', 'topic', 'part', 'reqId', 'v']);

/**
 * One line of a node's log as it is shown. Lines that are no JSON (a crash of the runtime, for one) are kept as they are.
 * @param now for lines without a time, milliseconds since 1970
 */
export function parseLogLine(line: string, now: number): LogLine {
  const fields = parseObject(line);
  if (fields === null) return { at: now, level: /error|fatal|panic/i.test(line) ? 'error' : 'info', topic: 'output', text: line.slice(0, longestText) };
  const { level, time, msg } = fields;
  const number = typeof level === 'number' ? level : 30;
  return {
    at: typeof time === 'number' ? time : typeof time === 'string' ? Date.parse(time) || now : now,
    level: levels.find(([least]) => number >= least)?.[1] ?? 'debug',
    topic: topicOf(fields),
    text: (isRequest(fields) ? requestText(fields) : [typeof msg === 'string' ? msg : '', restOf(fields)].filter((part) => part !== '').join(' '))
      .slice(0, longestText),
  };
}

interface RequestFields { readonly method: string; readonly status: number; readonly path?: unknown; readonly ms?: unknown }

function isRequest(fields: Record<string, unknown>): fields is Record<string, unknown> & RequestFields {
  return typeof fields['method'] === 'string' && typeof fields['status'] === 'number';
}

/** The method stands in front as the topic, then what a reader looks for, in the order of an access log. */
function requestText({ path, status, ms, user, code, reason }: Record<string, unknown> & RequestFields): string {
  const parts = [typeof path === 'string' ? path.replace(/^\/artifactory\//, '') : '', String(status)];
  if (typeof ms === 'number') parts.push(`${String(ms)} ms`);
  if (typeof user === 'string') parts.push(`by ${user}`);
  for (const word of [code, reason]) if (typeof word === 'string') parts.push(word);
  return parts.join(' ');
}

function topicOf(fields: Record<string, unknown>): string {
  if (isRequest(fields)) return fields.method;
  const named = fields['topic'] ?? fields['part'];
  return typeof named === 'string' ? named : 'node';
}

function restOf(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .filter(([name, value]) => !frame.has(name) && value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function parseObject(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : null;
  } catch {
    return null;
  }
}
