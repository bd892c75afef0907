/** A request as it goes over the wire, however wrong. */
export interface FuzzRequest {
  readonly method: string;
  /** the request target, with "/artifactory" */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** instead of the true length of the body */
  readonly declaredLength?: number;
  /** the framing is wrong: an answer is welcome, and a closed connection is as good */
  readonly broken?: boolean;
}

/** The bytes. Characters above 255 go as UTF-8, lower ones as they are: a raw client may do both. */
export function wireFormat(request: FuzzRequest, host: string): Buffer {
  const names = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const lines = [
    `${request.method} ${request.target} HTTP/1.1`,
    ...(names.has('host') ? [] : [`Host: ${host}`]),
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    ...(request.body.length === 0 && request.declaredLength === undefined && request.method !== 'PUT' && request.method !== 'POST' && request.method !== 'PATCH'
      ? [] : names.has('transfer-encoding') || names.has('content-length') ? [] : [`Content-Length: ${String(request.declaredLength ?? request.body.length)}`]),
  ];
  const head = `${lines.join('\r\n')}\r\n\r\n`;
  const latin = Buffer.from(head, 'latin1');
  const raw = latin.toString('latin1') === head ? latin : Buffer.from(head, 'utf8');
  return Buffer.concat([raw, request.body]);
}

/** Whether the head that is sent cannot be taken for anything but HTTP: then there has to be an answer. */
export function isWellFormed(request: FuzzRequest): boolean {
  // control characters are what this is about
  // eslint-disable-next-line no-control-regex
  const clean = (text: string): boolean => !/[\0-\x08\n-\x1f\x7f\r\u0100-\u{10ffff}]/u.test(text);
  return request.broken !== true && request.declaredLength === undefined && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(request.method)
    && !/[\0-\x20\x7f-\u{10ffff}]/u.test(request.target) && request.target.startsWith('/')
    && request.headers.every(([name, value]) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && clean(value));
}
