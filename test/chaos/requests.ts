import { z } from 'zod';
import { type NodeClient, sha256, type Answer } from '../harness/node-client.ts';
import type { Action } from './history.ts';
import type { Random } from './random.ts';

export const repository = 'generic-local';

/** What one request taught its client. `nothing`: it certainly had no effect and saw nothing. */
export type Learned =
  | { readonly kind: 'answered'; readonly action: Action; readonly answer: string }
  | { readonly kind: 'unknown'; readonly answer: string }
  | { readonly kind: 'nothing'; readonly answer: string };

/** An answer that no client may ever get, whatever is broken. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

const errorBody = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) });

function codeOf(answer: Answer): string {
  try {
    return errorBody.parse(answer.json()).errors[0]?.code ?? '';
  } catch {
    return '';
  }
}

/** The bytes of a value: its name in the first line, so that a reader knows it again, then filling that only this value has. */
export function bytesOf(value: string, random: Random): Buffer {
  // now and then beyond what is hashed and cached in one piece
  const size = random.next() < 0.02 ? 300_000 + random.below(100_000) : random.below(3000);
  return Buffer.from(`${value}\n${value.repeat(Math.ceil(size / value.length))}`);
}

function valueOf(answer: Answer): string {
  const declared = answer.headers['x-checksum-sha256'];
  if (declared !== sha256(answer.body)) throw new WrongAnswer(`a body whose SHA-256 is not the ${String(declared)} that its header says`);
  return answer.body.subarray(0, answer.body.indexOf('\n')).toString();
}

const fileList = z.object({ files: z.array(z.object({ uri: z.string() })) });

function namesIn(answer: Answer): string[] {
  return fileList.parse(answer.json()).files.map(({ uri }) => uri);
}

/** What a status says about an action that was sent; undefined when it says nothing. */
function conclude(wanted: Action, answer: Answer): Action | undefined {
  const { status } = answer;
  const absent = status === 404 && codeOf(answer) === 'ARTIFACT_NOT_FOUND';
  switch (wanted.kind) {
    case 'put': return status === 201 ? wanted : undefined;
    case 'read': return status === 200 ? { ...wanted, value: valueOf(answer) } : absent ? { ...wanted, value: null } : undefined;
    case 'delete': return status === 200 || status === 204 ? { ...wanted, existed: true } : absent ? { ...wanted, existed: false } : undefined;
    case 'move': return status === 200 ? { ...wanted, moved: true } : absent ? { ...wanted, moved: false } : undefined;
    case 'copy': return status === 200 ? { ...wanted, copied: true } : absent ? { ...wanted, copied: false } : undefined;
    case 'list': return status === 200 ? { ...wanted, listed: namesIn(answer).includes(wanted.path.slice(wanted.path.lastIndexOf('/'))) } : absent ? { ...wanted, listed: false } : undefined;
  }
}

function send(client: NodeClient, action: Action, body: Buffer, signal: AbortSignal): Promise<Answer> {
  const path = `/${repository}/${action.path}`;
  switch (action.kind) {
    case 'put': return client.put(path, body, { signal });
    case 'read': return client.get(path, { signal });
    case 'delete': return client.delete(path, { signal });
    case 'list': return client.get(`/api/storage/${repository}/${action.path.slice(0, action.path.lastIndexOf('/'))}?list`, { signal });
    case 'copy': return client.post(`/api/copy${path}?to=/${repository}/${action.to}`, undefined, { signal });
    case 'move': return client.post(`/api/move${path}?to=/${repository}/${action.to}`, undefined, { signal });
  }
}

const refused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'UND_ERR_CONNECT_TIMEOUT');

/**
 * Sends one action and says what can be concluded from what came back.
 * Throws `WrongAnswer` for bytes that do not fit their checksum, and for a 4xx or 500 that nothing explains.
 */
export async function attempt(client: NodeClient, action: Action, body: Buffer, timeoutMs: number): Promise<Learned> {
  let answer: Answer;
  try {
    answer = await send(client, action, body, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    const name = error instanceof Error ? `${error.name} ${'code' in error ? String(error.code) : ''}`.trim() : 'error';
    return { kind: refused(error) ? 'nothing' : 'unknown', answer: name };
  }
  const learned = conclude(action, answer);
  const said = `${String(answer.status)} ${answer.status < 300 ? '' : codeOf(answer)}`.trim();
  if (learned !== undefined) return { kind: 'answered', action: learned, answer: said };
  // overloaded, draining, without database or room, between two nodes: may happen, and may have taken effect; behind a balancer even a
  // refusal can follow an attempt on another node; 408: a connection that stood still for longer than a client may take for its headers
  if ([408, 429, 502, 503, 504, 507].includes(answer.status)) return { kind: 'unknown', answer: said };
  throw new WrongAnswer(`${action.kind} ${action.path} was answered with ${said}: ${answer.text().slice(0, 300)}`);
}
