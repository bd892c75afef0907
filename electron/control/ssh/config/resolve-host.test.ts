import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aliasesOf, readConfig, resolveHost, type LocalSide, type ResolvedHost } from './index.ts';

let home: string;
let local: LocalSide;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bulkhead-ssh-config-'));
  mkdirSync(join(home, '.ssh'));
  local = { home, user: 'ada', hostName: 'desk.lan', environment: { KEYS: '/keys', AGENT: '/run/agent' }, exists: (path) => path.endsWith('id_ed25519') };
});
afterEach(() => { rmSync(home, { recursive: true, force: true }); });

function resolved(text: string, alias: string): ResolvedHost {
  return resolveHost(readConfig({ path: 'config', text }, { home }).file, alias, local);
}

const ways = (host: ResolvedHost): string[] => host.jump.map(({ user, address, port }) => `${user}@${address}:${port}`);

describe('values', () => {
  test('tokens, environment and ~ in keys and agents', () => {
    const host = resolved('Host web\n HostName %h.lan\n Port 2222\n User ops\n IdentityFile ~/k_%h_%n_%p_%r_%u\n IdentityFile ${KEYS}/%L\n IdentityAgent $AGENT', 'web');
    expect(host).toMatchObject({ address: 'web.lan', port: 2222, user: 'ops', identityFiles: [`${home}/k_web.lan_web_2222_ops_ada`, '/keys/desk'], identityAgent: '/run/agent', problem: null });
  });

  test('without any, what ssh would use', () => {
    expect(resolved('', 'web')).toMatchObject({ address: 'web', port: 22, user: 'ada', identityFiles: [join(home, '.ssh/id_ed25519')], hasOwnKeys: false, identityAgent: null });
  });

  test('the agent is not asked when only the named keys may be shown, or none is wanted', () => {
    expect(resolved('IdentitiesOnly yes\nIdentityFile /k', 'web')).toMatchObject({ identityAgent: 'none', keyAgent: null });
    expect(resolved('IdentitiesOnly yes\nIdentityFile /k\nIdentityAgent /run/agent', 'web')).toMatchObject({ identityAgent: 'none', keyAgent: '/run/agent' });
    expect(resolved('IdentityAgent none', 'web').identityAgent).toBe('none');
    expect(resolved('IdentityAgent SSH_AUTH_SOCK', 'web').identityAgent).toBeNull();
    expect(resolved('IdentityFile none', 'web').identityFiles).toEqual([]);
  });

  test('what cannot be resolved is a problem, not a guess', () => {
    expect(resolved('Port many', 'web').problem).toBe('"many" is not a port');
    expect(resolved('IdentityFile ${NOWHERE}/k', 'web').problem).toContain('${NOWHERE}');
  });
});

describe('the way', () => {
  test('several hops, each with its own values; the first in its own way', () => {
    const text = 'Host web\n ProxyJump b,u@c:2200\nHost b\n HostName b.lan\n User jump\n ProxyJump a\nHost a\n HostName 10.0.0.1\n Port 22022\nHost c\n HostName c.lan\n ProxyJump nobody';
    expect(ways(resolved(text, 'web'))).toEqual(['ada@10.0.0.1:22022', 'jump@b.lan:22', 'u@c.lan:2200']);
  });

  test('tokens, addresses and URLs', () => {
    expect(ways(resolved('Host web\n User ops\n ProxyJump %r@jump-%n', 'web'))).toEqual(['ops@jump-web:22']);
    expect(ways(resolved('Host web\n ProxyJump [fd00::1]:2222\nHost fd00::1\n User six', 'web'))).toEqual(['six@fd00::1:2222']);
    expect(ways(resolved('Host web\n ProxyJump ssh://u@[fd00::1]:2222', 'web'))).toEqual(['u@fd00::1:2222']);
    expect(ways(resolved('Host web\n ProxyJump j\nHost j\n Port 2222', 'web'))).toEqual(['ada@j:2222']);
  });

  test('"none" ends it, a command of this machine is a problem, and so is a circle', () => {
    expect(resolved('Host web\n ProxyJump none\nHost *\n ProxyJump jump', 'web')).toMatchObject({ jump: [], problem: null });
    expect(resolved('ProxyCommand nc %h %p', 'web').problem).toContain('ProxyCommand');
    expect(resolved('Host web\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a', 'web').problem).toContain('circle');
    expect(resolved('Host *\n ProxyJump jump', 'web').problem).toContain('circle');
  });
});

describe('what is not honoured', () => {
  test('is listed with its line and why, each once, that of the hosts on the way as well', () => {
    const { notHonoured } = resolved('Host web\n ForwardAgent yes\n ProxyJump j\nHost j\n ControlMaster auto\nHost *\n NewThing on\n', 'web');
    expect(notHonoured).toEqual([
      { directive: 'forwardagent', value: 'yes', at: 'config:2', why: 'no such forwarding is opened' },
      { directive: 'newthing', value: 'on', at: 'config:7', why: 'it is not known here' },
      { directive: 'controlmaster', value: 'auto', at: 'config:5', why: 'connections are not shared with other programs' },
    ]);
  });

  test('a Match that runs a command is never evaluated, and told only where the rest of it holds', () => {
    const text = 'Match originalhost web exec "touch /tmp/never"\n Port 7\nMatch originalhost db exec true\n Port 8\nMatch final exec true\n Port 9\n';
    const host = resolved(text, 'web');
    expect(host.port).toBe(22);
    expect(host.notHonoured.map(({ at, why }) => [at, why.split(' ')[0]])).toEqual([['config:1', '"exec"'], ['config:5', '"exec"']]);
  });
});

describe('files', () => {
  test('aliases of included files, in their order; patterns are none', () => {
    writeFileSync(join(home, '.ssh', 'more'), 'Host b *.lan !c\nHost a\n');
    const read = readConfig({ path: 'config', text: 'Host a\nInclude more\nHost "c d" e' }, { home });
    expect(aliasesOf(read.file)).toEqual(['a', 'b', 'c d', 'e']);
    expect(read.files).toEqual(['config', join(home, '.ssh', 'more')]);
  });

  test('files that all include one another are read to an end', () => {
    mkdirSync(join(home, '.ssh', 'conf.d'));
    for (let count = 1; count <= 9; count += 1) writeFileSync(join(home, '.ssh', 'conf.d', String(count)), 'Include conf.d/*\n');
    const { files, warnings } = readConfig({ path: 'config', text: 'Include conf.d/*' }, { home });
    expect(files).toHaveLength(500);
    expect(warnings[0]).toContain('includes itself');
    expect(warnings.filter((warning) => warning.includes('more than 500'))).toHaveLength(1);
  });

  test('a file that includes itself ends with a warning, and so does a broken line', () => {
    writeFileSync(join(home, '.ssh', 'loop'), 'Include loop\nHost "open\n');
    const { warnings, files } = readConfig({ path: 'config', text: 'Include loop' }, { home });
    expect(files).toEqual(['config', join(home, '.ssh', 'loop')]);
    expect(warnings.filter((warning) => warning.includes('includes itself'))).toHaveLength(1);
    expect(warnings.some((warning) => warning.includes('quotation mark'))).toBe(true);
  });
});
