import { describe, expect, it } from 'vitest';
import { openKey, sealKey } from './key-copy.ts';

const passphrase = 'correct horse battery';
const key = 'k'.repeat(64);
/** the least that is taken, so that tests are quick */
const quick = { N: 2 ** 14, r: 8, p: 1 };

describe('a copy of the cluster key', () => {
  it('opens with its passphrase only, and shows nothing of the key', async () => {
    const text = await sealKey('artifacts', key, passphrase, new Date(0), quick);
    expect(text).not.toContain(key);
    expect(text).not.toContain(Buffer.from(key).toString('base64'));
    expect(JSON.parse(text)).toMatchObject({ format: 'bulkhead-cluster-key', version: 1, cluster: 'artifacts', savedAt: '1970-01-01T00:00:00.000Z' });
    expect(await openKey(text, passphrase)).toEqual({ cluster: 'artifacts', key });
    await expect(openKey(text, `${passphrase}!`)).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
  });

  it('opens whichever way the passphrase was typed, composed or not', async () => {
    const text = await sealKey('artifacts', key, 'caf\u00e9 caf\u00e9 caf\u00e9', new Date(), quick);
    expect((await openKey(text, 'cafe\u0301 cafe\u0301 cafe\u0301')).key).toBe(key);
  });

  it('does not open when it was changed', async () => {
    const copy = JSON.parse(await sealKey('artifacts', key, passphrase, new Date(), quick)) as { sealed: string };
    const bytes = Buffer.from(copy.sealed, 'base64');
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    await expect(openKey(JSON.stringify({ ...copy, sealed: bytes.toString('base64') }), passphrase)).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
  });

  it.each([
    ['', 'no JSON'], ['{"format":"bulkhead-fleet","version":1}', 'another file'],
    [JSON.stringify({ format: 'bulkhead-cluster-key', version: 1, cluster: 'a', savedAt: '2026-01-01T00:00:00Z', scrypt: { N: 2 ** 30, r: 8, p: 1, salt: 'AAAA' }, sealed: 'AAAA' }), 'a cost that would take all memory'],
  ])('refuses %j: %s', async (text) => {
    await expect(openKey(text, passphrase)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});
