import { expect, it } from 'vitest';
import { inputProblem } from './demo-options.ts';
import { curlUpload, mavenSettings } from './snippets.ts';

it.each([['3', '8080', null], ['9', '0', null], ['0', '8080', 'Nodes'], ['12', '8080', 'Nodes'], ['3', '70000', 'Port'], ['3', 'x', 'Port'], ['', '', 'Nodes']])('%s nodes on port %s: %s', (nodes, port, problem) => {
  expect(inputProblem({ nodes, port })?.split(':')[0] ?? null).toBe(problem);
});

it('offers snippets with the real address and without a secret', () => {
  expect(curlUpload('http://127.0.0.1:9090', 'admin')).toContain('-T hello.txt http://127.0.0.1:9090/artifactory/generic-local/hello.txt');
  expect(mavenSettings('http://127.0.0.1:9090', 'admin')).toContain('${env.BULKHEAD_PASSWORD}');
});
