import { expect, it } from 'vitest';
import { setupsFor, type SnippetFacts } from './client-snippets.ts';

const facts = (change: Partial<SnippetFacts>): SnippetFacts => ({ key: 'libs', rclass: 'local', packageType: 'generic', url: 'https://art.lan/artifactory/libs', user: 'ci', takesUploads: true, ...change });
const clients = (packageType: string): string[] => setupsFor(facts({ packageType })).map(({ client }) => client);
const text = (change: Partial<SnippetFacts>): string => setupsFor(facts(change)).flatMap(({ snippets }) => snippets.map((snippet) => snippet.text)).join('\n');

it('has a way in for every client', () => {
  expect(clients('maven')).toEqual(['Maven', 'Gradle', 'Ivy', 'curl']);
  expect(clients('npm')).toEqual(['npm', 'Yarn 2+', 'curl']);
  expect(clients('pypi')).toEqual(['pip', 'twine', 'curl']);
  for (const packageType of ['docker', 'oci']) expect(clients(packageType), packageType).toEqual(['docker', 'podman', 'skopeo', 'Helm 3', 'ORAS', 'curl']);
  expect(clients('helmoci')).toEqual(['Helm 3', 'curl']);
  expect(clients('helm')).toEqual(['Helm', 'curl']);
  expect(clients('something-new')).toEqual(['curl']);
});

it('uses the address that the cluster gives out', () => {
  expect(text({ packageType: 'npm' })).toContain('registry=https://art.lan/artifactory/api/npm/libs/');
  expect(text({ packageType: 'npm' })).toContain('//art.lan/artifactory/api/npm/libs/:_authToken=${BULKHEAD_TOKEN}');
  expect(text({ packageType: 'pypi', url: 'http://127.0.0.1:8080/artifactory/libs' })).toContain('index-url = http://127.0.0.1:8080/artifactory/api/pypi/libs/simple\ntrusted-host = 127.0.0.1');
  expect(text({ packageType: 'docker', url: 'http://127.0.0.1:8080/artifactory/libs' })).toContain('docker push 127.0.0.1:8080/libs/hello:1.0');
  expect(text({ packageType: 'npm', url: 'http://127.0.0.1:8080/artifactory/libs' })).toContain('npmRegistryServer: "http://127.0.0.1:8080/artifactory/api/npm/libs/"\nnpmAlwaysAuth: true\nnpmAuthToken: "${BULKHEAD_TOKEN}"\nunsafeHttpWhitelist:\n  - "127.0.0.1"');
  expect(text({ packageType: 'helmoci' })).toContain('helm push chart-1.0.0.tgz oci://art.lan/libs\n');
  expect(text({})).toContain('curl -fu ci -T app.tar.gz https://art.lan/artifactory/libs/app/1.0/app.tar.gz');
});

it('says nothing of uploads where nothing can be put', () => {
  for (const packageType of ['maven', 'npm', 'pypi', 'docker', 'oci', 'helmoci', 'helm', 'generic']) expect(text({ packageType, takesUploads: false }), packageType).not.toMatch(/deploy|publish|twine|push|-T |DELETE/);
});

it('speaks of deleting where it can be done', () => {
  expect(text({ rclass: 'local' })).toContain('-X DELETE');
  expect(text({ rclass: 'virtual' })).not.toContain('-X DELETE');
});

it('writes no password down', () => {
  for (const packageType of ['maven', 'npm', 'pypi', 'docker', 'oci', 'helmoci', 'helm', 'generic']) expect(text({ packageType }), packageType).not.toMatch(/password=\w/i);
});
