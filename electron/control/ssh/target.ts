/** Where a host is reached, and through which others. */
export interface HostTarget {
  /** name or address; the host key is verified under it (and under the port) */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** hosts in between, the first one to connect to first; each is verified under its own name. Their own `jump` is not looked at. */
  readonly jump: readonly HostTarget[];
  /** the name under which the key is known, when it is another than the address (HostKeyAlias) */
  readonly hostKeyAlias?: string;
}

/** `user@address:port`, for people. */
export function describeTarget({ user, address, port }: HostTarget): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${user}@${host}${port === 22 ? '' : `:${port}`}`;
}
