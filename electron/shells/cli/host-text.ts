import { hostAddressText, type FleetPreview, type HostReport, type HostSummary, type HostTestReport, type ImportResult, type SshConfigPreview } from '../../contract/index.ts';
import { printable, table } from './table.ts';

export function hostTable(hosts: readonly HostSummary[]): string {
  return table(['name', 'address', 'sign-in', 'through', 'node'], hosts.map((each) => [
    each.name, hostAddressText(each), each.signIn.map(({ kind }) => kind).join(', '),
    each.jump.map((hop) => hop.host ?? hostAddressText(hop)).join(', ') || null, each.node?.nodeId ?? null,
  ]));
}

export function reportText({ checks }: HostReport): string {
  const fixes = checks.flatMap(({ id, fixes: all }) => all.map((fix) => `  ${id}: ${fix}`));
  const list = table(['status', 'check', 'found'], checks.map(({ status, stops, id, found }) => [stops ? 'accept?' : status, id, found]));
  return fixes.length === 0 ? list : `${list}\n\nTo mend:\n${fixes.join('\n')}`;
}

export function testText({ hops, failure, privilege, facts }: HostTestReport): string {
  const lines: string[] = [];
  for (const { hop, state, key, attempts } of hops) {
    lines.push(`${hop}: ${state}`);
    if (key !== null) lines.push(`  key        ${key.type} ${key.fingerprint} (${key.state}${key.known.length > 0 ? `, known: ${key.known.join(', ')}` : ''})`);
    if (key?.command !== null && key !== null) lines.push(`  compare    ${key.command}`);
    for (const { method, with: what, outcome, reason } of attempts) lines.push(`  ${method.padEnd(10)} ${what}: ${outcome}${reason === undefined ? '' : ` (${reason})`}`);
  }
  if (privilege !== null) lines.push(`root       ${privilege.kind}: ${privilege.note}`);
  if (facts !== null) {
    const memory = facts.memoryBytes === null ? '' : `, ${Math.round(facts.memoryBytes / 1024 ** 2)} MiB`;
    lines.push(`host       ${facts.hostname}: ${facts.os}, kernel ${facts.kernel}, ${facts.cpu}${facts.cpus === null ? '' : `, ${facts.cpus} cores`}${memory}`);
    lines.push(`systemd    ${facts.systemd ?? 'not there'}`);
    if (facts.clockAheadSeconds !== null) lines.push(`clock      ${facts.clockAheadSeconds} s ahead of this machine`);
  }
  if (failure !== null) lines.push(`${failure.code}: ${failure.message}`, `  ${failure.hint}`);
  return lines.map(printable).join('\n');
}

export function previewText({ hosts, warnings, files }: SshConfigPreview): string {
  const list = table(['state', 'alias', 'login', 'through', 'keys'], hosts.map((host) => [
    host.state, host.alias, hostAddressText(host), host.jump.map(hostAddressText).join(', ') || null, host.identityFiles.join(', ') || null,
  ]));
  const notes = hosts.flatMap(({ alias, problem, notHonoured }) => [
    ...(problem === null ? [] : [`  ${alias}: ${problem}`]), ...notHonoured.map(({ directive, value, at, why }) => `  ${alias}: ${directive} ${value} (${at}): ${why}`),
  ]);
  const parts = [`read: ${files.join(', ')}`, list];
  if (warnings.length > 0) parts.push(`Left out:\n${warnings.map((each) => `  ${each}`).join('\n')}`);
  if (notes.length > 0) parts.push(`Not honoured:\n${notes.map(printable).join('\n')}`);
  return parts.join('\n\n');
}

export function fleetText({ hosts }: FleetPreview): string {
  const list = table(['state', 'name', 'login', 'asks for'], hosts.map(({ state, name, login, missing }) => [state, name, login, missing.join(', ') || null]));
  const notes = hosts.flatMap(({ name, problem, differences }) => [
    ...(problem === null ? [] : [`  ${name}: ${problem}`]), ...differences.map(({ field, here, file }) => `  ${name}: ${field} is ${here || 'not set'}, will be ${file || 'not set'}`),
  ]);
  return notes.length === 0 ? list : `${list}\n\n${notes.map(printable).join('\n')}`;
}

export function importText({ added, changed, refused }: ImportResult): string {
  const lines = [
    ...added.map(({ name }) => `added ${name}`), ...changed.map(({ name }) => `changed ${name}`),
    ...refused.map(({ name, code, message }) => `left out ${name}: ${code}: ${message}`),
  ];
  return lines.length === 0 ? 'nothing to do' : lines.map(printable).join('\n');
}
