import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluateConfig, expandHostName } from './evaluate.ts';
import { readConfig } from './read-config.ts';

const { status } = spawnSync('ssh', ['-V']);
const localUser = userInfo().username;

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'bulkhead-ssh-config-')); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** What OpenSSH makes of the file; null when it refuses it. */
function openssh(path: string, alias: string): Record<string, string[]> | null {
  const { status: code, stdout } = spawnSync('ssh', ['-G', '-F', path, alias], { encoding: 'utf8', env: { ...process.env, HOME: folder } });
  if (code !== 0) return null;
  const values: Record<string, string[]> = {};
  for (const line of stdout.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) (values[line.slice(0, space)] ??= []).push(line.slice(space + 1));
  }
  return values;
}

function ours(path: string, alias: string): Record<string, string[]> {
  const { first, identityFiles } = evaluateConfig(readConfig({ path }, { home: folder }).file, { alias, localUser });
  const value = (keyword: string): string | undefined => first.get(keyword)?.args[0];
  const jump = first.get('proxyjump')?.rest.split(/\s/)[0];
  return {
    hostname: [expandHostName(value('hostname') ?? alias, alias).toLowerCase()],
    port: [value('port') ?? '22'],
    user: [value('user') ?? localUser],
    identityfile: [...identityFiles],
    ...(jump === undefined || jump.toLowerCase() === 'none' ? {} : { proxyjump: [jump.replace('ssh://', '')] }),
    ...(value('hostkeyalias') === undefined ? {} : { hostkeyalias: [value('hostkeyalias') ?? ''] }),
  };
}

const word = fc.constantFrom('web', 'web1', 'db', 'a.lan', 'b.lan', 'Web');
const pattern = fc.constantFrom('web', 'web*', 'w?b', '*', '*.lan', '!web1', '!*.lan', 'db', '?', 'WEB', '"db"');
const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 });
const space = fc.constantFrom(' ', '  ', '\t', '=', ' = ', ' =');
const setting = fc.oneof(
  fc.tuple(fc.constantFrom('HostName', 'hostname'), fc.constantFrom('10.0.0.1', '%h.example', '"%h"', 'fe80::1', 'X.Y')),
  fc.tuple(fc.constantFrom('Port', 'PORT'), fc.constantFrom('22', '2222', '"99"', '7 # seven')),
  fc.tuple(fc.constant('User'), fc.constantFrom('ops', 'root', '"o p"', String.raw`o\ p`, "'q'")),
  fc.tuple(fc.constant('IdentityFile'), fc.constantFrom('~/.ssh/id_a', '/k/%h', '"/k/with space"', '/k/%h', 'none')),
  fc.tuple(fc.constant('ProxyJump'), fc.constantFrom('bastion', 'u@b:22', 'a,b,c', 'none', 'ssh://u@h:99', '[::1]:22', 'None')),
  fc.tuple(fc.constant('HostKeyAlias'), fc.constantFrom('alias', '"other"')),
  fc.tuple(fc.constant('Compression'), fc.constantFrom('yes', 'no')),
).chain(([keyword, value]) => space.map((between) => `${keyword}${between}${value}`));
const criterion = fc.oneof(
  patterns.map((list) => `host ${list.map((each) => each.replaceAll('"', '')).join(',')}`),
  patterns.map((list) => `originalhost="${list.map((each) => each.replaceAll('"', '')).join(',')}"`),
  fc.constantFrom('user ops', 'user=o*,root', '!user root', `localuser ${localUser}`, '!host web', '!localuser nobody', 'host *.example', 'final', '!final', 'canonical', 'final host *.lan,10.*', 'user final'),
);
const condition = fc.oneof(
  { weight: 3, arbitrary: patterns.map((list) => `Host ${list.join(' ')}`) },
  { weight: 2, arbitrary: fc.array(criterion, { minLength: 1, maxLength: 2 }).map((list) => `Match ${list.join(' ')}`) },
  { weight: 1, arbitrary: fc.constant('Match all') },
);
const comment = fc.constantFrom('', '# a comment', '   # another');
const block = fc.tuple(condition, fc.array(fc.oneof(setting, comment), { maxLength: 4 })).map(([head, lines]) => [head, ...lines.map((line) => `  ${line}`)].join('\n'));
const flat = fc.tuple(fc.array(fc.oneof(setting, comment), { maxLength: 2 }), fc.array(block, { maxLength: 4 })).map(([head, blocks]) => [...head, ...blocks].join('\n'));
const config = fc.tuple(flat, flat, flat).map(([before, included, after]) => ({ before, included, after }));

describe.skipIf(status !== 0)('what OpenSSH itself makes of the same file', () => {
  test('names, ports, users, keys and ways, for blocks, patterns, Match lines and included files', () => {
    mkdirSync(join(folder, '.ssh', 'conf.d'), { recursive: true });
    let compared = 0;
    fc.assert(fc.property(config, word, fc.boolean(), ({ before, included, after }, alias, isRelative) => {
      const path = join(folder, 'config');
      writeFileSync(join(folder, '.ssh', 'conf.d', '1.conf'), included);
      writeFileSync(path, `${before}\nInclude ${isRelative ? 'conf.d/*.conf' : `${folder}/.ssh/conf.d/1.conf /nowhere`}\n${after}\n`);
      const theirs = openssh(path, alias);
      // a file that OpenSSH refuses has no meaning that could be compared
      fc.pre(theirs !== null);
      compared += 1;
      const mine = ours(path, alias);
      expect(mine).toEqual({
        ...Object.fromEntries(['hostname', 'port', 'user', 'proxyjump', 'hostkeyalias'].flatMap((name) => (theirs[name] === undefined ? [] : [[name, theirs[name]]]))),
        identityfile: mine['identityfile']?.length === 0 ? [] : theirs['identityfile'],
      });
    }), { numRuns: 400 });
    expect(compared).toBeGreaterThan(200);
  });

  test('a second pass, under the name that the first one has found', () => {
    const path = join(folder, 'final');
    writeFileSync(path, 'Match final host *.lan\n  User found\n  HostName late.lan\nHost web\n  HostName web.lan\n  Port 2022\nHost *.lan\n  Port 1\n  IdentityFile /k/lan\n');
    const mine = ours(path, 'web');
    expect(mine).toMatchObject({ hostname: ['web.lan'], user: ['found'], port: ['2022'], identityfile: ['/k/lan'] });
    expect(openssh(path, 'web')).toMatchObject(mine);
  });

  test('which of ProxyJump and ProxyCommand counts', () => {
    for (const [text, way] of [['ProxyJump none\nProxyJump x', undefined], ['ProxyJump x\nProxyCommand y', 'x'], ['ProxyJump x # a bastion', 'x']] as const) {
      const path = join(folder, 'ways');
      writeFileSync(path, `${text}\n`);
      expect(ours(path, 'web')['proxyjump']?.[0]).toBe(way);
      expect(openssh(path, 'web')?.['proxyjump']?.[0]).toBe(way);
    }
  });
});

