import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { render } from '../../../electron/control/balancer/index.ts';
import { products, variantModel, variants, withTls } from '../../../electron/control/balancer/testing/variants.ts';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { apacheModules, complaintsAbout } from './real-balancer.ts';

/** A certificate and its key in one file, as HAProxy wants them; the others take it too. */
function selfSigned(folder: string): string {
  const file = join(folder, 'both.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=artifacts.example.com', '-keyout', file, '-out', `${file}.crt`], { stdio: 'ignore' });
  execFileSync('sh', ['-c', 'cat "$1.crt" >> "$1"', 'sh', file]);
  return file;
}

test.each(products)('%s takes every configuration that is rendered for it', async (product) => {
  await using folder = await temporaryFolder('accepted');
  await mkdir(join(folder.path, 'logs'));
  const all = { ...variants, tls: withTls(selfSigned(folder.path)) };
  for (const [name, variant] of Object.entries(all)) {
    // names that nobody resolves here stand for an address
    const text = render(variantModel(product, variant, { logs: join(folder.path, 'logs'), apacheModules })).replaceAll('node-3.lan:', '127.0.0.1:');
    expect([name, await complaintsAbout(product, text, folder.path)]).toEqual([name, '']);
  }
  expect(await complaintsAbout(product, 'nonsense {', folder.path)).not.toBe('');
});
