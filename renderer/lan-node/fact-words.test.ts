import { describe, expect, it } from 'vitest';
import { clockFact, diskFacts, unitFact, versionFacts } from './fact-words.ts';

const learned = { at: 0, ageMs: 0, how: 'ssh' as const, freshness: 'live' as const };
const disk = (mount: string, total: number, available: number) => ({ purpose: 'root' as const, path: mount, mount, device: '/dev/sda1', totalBytes: total, availableBytes: available });
const plain = (text: string | undefined): string => (text ?? '').replaceAll('\u202f', ' ');

it('names a file system once, and warns of one that is nearly full', () => {
  const facts = diskFacts([disk('/', 40e9, 31e9), disk('/', 40e9, 31e9), disk('/srv', 4e12, 0.3e12)]);
  expect(facts.map(({ label, value, tone }) => [label, plain(value), tone])).toEqual([['Disk /', '31 GB free of 40 GB', undefined], ['Disk /srv', '300 GB free of 4.0 TB', 'warn']]);
});

describe('the clock', () => {
  it('is a signed offset with its uncertainty', () => {
    expect(clockFact({ offsetMs: 3.2, uncertaintyMs: 0.4 }).value).toBe('+3 ms, give or take 1');
    expect(clockFact({ offsetMs: -12, uncertaintyMs: 2 }).value).toBe('−12 ms, give or take 2');
    expect(clockFact(null).value).toBe('not known');
  });
  it('warns only of what the uncertainty cannot explain', () => {
    expect(clockFact({ offsetMs: 900, uncertaintyMs: 500 }).tone).toBeUndefined();
    expect(clockFact({ offsetMs: -1100, uncertaintyMs: 500 }).tone).toBe('warn');
  });
});

it('marks a service that failed, and one on its way', () => {
  const unit = { learned, activeState: 'failed', subState: 'failed', result: 'exit-code', restarts: 3, since: null, pid: null, enabled: true };
  expect(unitFact(unit)).toEqual({ label: 'Service', value: 'failed (failed), exit-code', tone: 'bad' });
  expect(unitFact({ ...unit, activeState: 'activating', subState: 'start' }).tone).toBe('warn');
});

it('marks a release that only the next start would take', () => {
  const version = { running: '1.3.2', installed: '1.4.0-c41d', releases: ['1.3.2-9f3b', '1.4.0-c41d'], learned };
  expect(versionFacts(version).map(({ tone }) => tone)).toEqual([undefined, 'warn', undefined]);
  expect(versionFacts({ ...version, installed: '1.3.2-9f3b' })[1]?.tone).toBeUndefined();
});
