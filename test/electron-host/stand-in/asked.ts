/** Everything the app asked of Electron, in order; what can be written as JSON of it. */
export interface Request {
  readonly what: string;
  readonly args: unknown[];
}

export class Asked {
  readonly requests: Request[] = [];

  note(what: string, ...args: unknown[]): void {
    this.requests.push({ what, args: args.map(plain) });
  }
}

function plain(value: unknown): unknown {
  if (value === undefined) return null;
  return JSON.parse(JSON.stringify(value, (_key, part: unknown) => (typeof part === 'function' ? '[function]' : part))) as unknown;
}
