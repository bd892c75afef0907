import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { request } from 'undici';

/** A call as a client sends it, and what has to come back. */
export interface Example {
  /** method and path: below the context path, or below `/access` */
  readonly ask: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** an object is sent as JSON */
  readonly body?: string | Buffer | object;
  readonly status: number;
  /** of the first error in the answer */
  readonly code?: string;
  /** what the JSON has at least */
  readonly json?: unknown;
  readonly text?: string | RegExp;
  readonly answerHeaders?: Readonly<Record<string, unknown>>;
  /** asked again until the status is right: what the master does in its own time */
  readonly eventually?: true;
}

/** Examples by the title of their row in docs/api.md. */
export type Examples = Readonly<Record<string, readonly Example[]>>;

export interface Asker {
  /** without path */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface ExampleAnswer { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly text: string }

export async function send({ url, user, password }: Asker, { ask, headers, body }: Pick<Example, 'ask' | 'headers' | 'body'>): Promise<ExampleAnswer> {
  const [method = '', path = ''] = ask.split(/ (.*)/);
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const answer = await request(`${url}${path.startsWith('/access/') ? '' : '/artifactory'}${path}`, {
    method: method as 'GET',
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`, ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
    body: isJson ? JSON.stringify(body) : (body ?? null) as string | null,
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** @throws AssertionError that names the call */
export function expectAnswer(example: Example, { status, headers, text }: ExampleAnswer): void {
  expect([example.ask, status, text.slice(0, 400)]).toEqual([example.ask, example.status, text.slice(0, 400)]);
  if (status >= 400 && text !== '') {
    expect(JSON.parse(text), example.ask).toMatchObject({ errors: [{ status, message: expect.any(String) as unknown, ...(example.code === undefined ? {} : { code: example.code }) }] });
  }
  if (example.json !== undefined) {
    const found = JSON.parse(text) as unknown;
    if (Array.isArray(example.json)) expect(found, example.ask).toEqual(example.json);
    else expect(found, example.ask).toMatchObject(example.json as object);
  }
  if (example.text !== undefined) expect(text, example.ask).toMatch(example.text);
  if (example.answerHeaders !== undefined) expect(headers, example.ask).toMatchObject(example.answerHeaders);
}

export const digest = (algorithm: 'md5' | 'sha1' | 'sha256', content: string): string => createHash(algorithm).update(content).digest('hex');

/** A time as Artifactory writes it. */
export const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:?\d\d)$/) as unknown;
export const text = expect.any(String) as unknown;
/** An address that ends so. */
export const uri = (end: string): unknown => expect.stringMatching(new RegExp(`^https?://[^/]+/artifactory${end.replaceAll(/[.*+?^$()[\]|]/g, '\\$&')}$`));
