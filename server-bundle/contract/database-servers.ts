/** One server of the metadata database. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
}

/** More servers than this are a mistake. */
const most = 8;

/**
 * The servers that a database host names, in the order in which they are tried: `db-1`, `db-1,db-2:5433`, `[fd00::1]:5432,fd00::2`. As in libpq's
 * multi-host connection strings, separated by commas (PostgreSQL 18, section 32.1.1.3); a port stands with its host.
 *
 * @param port of the hosts that name none
 * @returns null when the text is no such list
 */
export function databaseServers(text: string, port: number): DatabaseServer[] | null {
  const servers = text.split(',').map((entry) => serverOf(entry.trim(), port));
  if (servers.length > most) return null;
  const found = servers.flatMap((server) => (server === null ? [] : [server]));
  return found.length === servers.length ? found : null;
}

function serverOf(entry: string, port: number): DatabaseServer | null {
  const bracketed = /^\[([0-9a-f:.%\w]+)\](?::(\d{1,5}))?$/i.exec(entry);
  // an IPv6 address without brackets has no port of its own
  const plain = bracketed === null && /^(?=.*::|(?:[^:]*:){7})[0-9a-f:.]+(%\w+)?$/i.test(entry) ? [entry, entry] : null;
  const named = /^([^\s:,[\]]+)(?::(\d{1,5}))?$/.exec(entry);
  const [, host, own] = bracketed ?? plain ?? named ?? [];
  if (host === undefined) return null;
  const number = own === undefined ? port : Number(own);
  return number >= 1 && number <= 65_535 ? { host, port: number } : null;
}

/** `host:port`, with brackets around an IPv6 address. */
export function serverAddress({ host, port }: DatabaseServer): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
