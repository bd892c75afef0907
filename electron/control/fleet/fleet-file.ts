import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { fleetFile, hostAddressText, newHost, type FleetFile, type FleetHost, type FleetPreview } from '../../contract/index.ts';

/** Throws ARGUMENT_INVALID, with the path of each thing that is wrong in it. */
export function parseFleetFile(text: string): FleetFile {
  const content = jsonOf(text);
  const parsed = fleetFile.safeParse(content);
  const stamp = z.object({ format: fleetFile.shape.format, version: z.number() }).safeParse(content);
  if (!parsed.success && stamp.success && stamp.data.version > fleetFile.shape.version.value) {
    throw new BulkheadError('ARGUMENT_INVALID', `The fleet file is of version ${stamp.data.version}, and this app reads version ${fleetFile.shape.version.value}`, { hint: 'A newer app has written it: update this one.' });
  }
  if (!parsed.success) {
    throw new BulkheadError('ARGUMENT_INVALID', 'This is not a fleet file that can be read', {
      details: parsed.error.issues.slice(0, 50).map(({ path, message }) => ({ path: path.join('.'), message })),
      hint: 'See "details" for each place; a file is made with "bulkhead host export".',
    });
  }
  const names = parsed.data.hosts.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new BulkheadError('ARGUMENT_INVALID', `The fleet file names "${twice}" twice`);
  return parsed.data;
}

/** What taking over each host would mean, held against the hosts that are known. */
export function previewFleet({ hosts }: FleetFile, known: readonly FleetHost[]): FleetPreview {
  return {
    hosts: hosts.map((host) => {
      const here = known.find(({ name }) => name === host.name);
      const problem = problemOf(host, hosts, known);
      const differences = here === undefined ? [] : differencesOf(here, host);
      return {
        name: host.name, login: hostAddressText(host),
        state: problem !== null ? 'conflict' : here === undefined ? 'new' : differences.length > 0 ? 'changed' : 'same',
        differences, problem, missing: missingOf(host, here),
      };
    }),
  };
}

/** These hosts, each behind those that it is reached through. */
export function inOrder({ hosts }: FleetFile, names: readonly string[]): FleetHost[] {
  const ordered: FleetHost[] = [];
  const take = (name: string, before: readonly string[]): void => {
    const host = hosts.find((each) => each.name === name);
    if (host === undefined || ordered.includes(host) || before.includes(name)) return;
    for (const hop of host.jump) if ('host' in hop && names.includes(hop.host)) take(hop.host, [...before, name]);
    ordered.push(host);
  };
  for (const name of names) {
    if (!hosts.some((each) => each.name === name)) throw new BulkheadError('ARGUMENT_INVALID', `The fleet file has no host "${name}"`);
    take(name, []);
  }
  return ordered;
}

function problemOf(host: FleetHost, hosts: readonly FleetHost[], known: readonly FleetHost[]): string | null {
  const shape = newHost.pick({ name: true, address: true, port: true, user: true }).safeParse({ name: host.name, address: host.address, port: host.port, user: host.user });
  if (!shape.success) return shape.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  for (const hop of host.jump) {
    if ('host' in hop && ![...hosts, ...known].some(({ name }) => name === hop.host)) return `it is reached through "${hop.host}", which is neither in the file nor known here`;
  }
  if (leadsToItself(host, hosts, known)) return 'its way leads through itself';
  const twin = known.find((other) => other.name !== host.name && isSameLogin(other, host));
  return twin !== undefined && !known.some(({ name }) => name === host.name) ? `${hostAddressText(host)} is known already, as "${twin.name}"` : null;
}

function leadsToItself(host: FleetHost, hosts: readonly FleetHost[], known: readonly FleetHost[]): boolean {
  const seen = new Set<string>();
  const walk = (each: FleetHost): boolean => each.jump.some((hop) => {
    if (!('host' in hop)) return false;
    if (hop.host === host.name) return true;
    if (seen.has(hop.host)) return false;
    seen.add(hop.host);
    const next = hosts.find(({ name }) => name === hop.host) ?? known.find(({ name }) => name === hop.host);
    return next !== undefined && walk(next);
  });
  return walk(host);
}

function isSameLogin(one: FleetHost, other: FleetHost): boolean {
  return one.address === other.address && one.port === other.port && one.user === other.user && isDeepStrictEqual(one.jump, other.jump);
}

const fields = ['address', 'port', 'user', 'auth', 'jump', 'hostKeyAlias'] as const;

function differencesOf(here: FleetHost, file: FleetHost): { field: string; here: string; file: string }[] {
  return fields.flatMap((field) => (isDeepStrictEqual(here[field], file[field]) ? [] : [{ field, here: told(here[field]), file: told(file[field]) }]));
}

function told(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

function missingOf(host: FleetHost, here: FleetHost | undefined): ('passphrase' | 'password')[] {
  const isKept = (auth: FleetHost['auth'][number]): boolean => here?.auth.some((old) => isDeepStrictEqual(old, auth)) ?? false;
  return host.auth.some((auth) => auth.kind === 'password' && !isKept(auth)) ? ['password'] : [];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new BulkheadError('ARGUMENT_INVALID', `This is not JSON: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}
