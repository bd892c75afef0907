import { describe, expect, it } from 'vitest';
import { headersForClient, headersForNode, valuesOf } from './forwarding-headers.ts';
import { trustedProxies } from './trusted-proxies.ts';

const client = (address: string) => ({ address, encrypted: false, trusted: trustedProxies(['10.0.0.0/8', '::1']) });

describe('headers for a node', () => {
  it('drop what belongs to the connection, what it names, and the client\'s own words in our language', () => {
    const sent = headersForNode([
      'Host', 'repo.example', 'Connection', 'close, X-Hop, Authorization', 'X-Hop', '1', 'Authorization', 'Basic x', 'TE', 'trailers', 'Expect', '100-continue',
      'Content-Length', '3', 'X-Bulkhead-Request-Id', 'forged', 'x-BULKHEAD-anything', '1', 'X_Bulkhead_Request_Id', 'forged', 'Accept', 'a', 'Accept', 'b',
    ], client('192.0.2.1'), 'the-id');
    expect(sent).toEqual([
      'Authorization', 'Basic x', 'Accept', 'a', 'Accept', 'b', 'X-Forwarded-For', '192.0.2.1', 'X-Forwarded-Proto', 'http', 'X-Forwarded-Host', 'repo.example',
      'X-Bulkhead-Request-Id', 'the-id',
    ]);
  });

  it('believe only a trusted proxy about the client', () => {
    const raw = ['Host', 'inner', 'X-Forwarded-For', '203.0.113.9', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'repo.example', 'Forwarded', 'for=1'];
    const trusted = headersForNode(raw, client('::ffff:10.1.2.3'), 'i');
    expect(valuesOf(trusted, 'x-forwarded-for')).toEqual(['203.0.113.9, 10.1.2.3']);
    expect(valuesOf(trusted, 'x-forwarded-proto')).toEqual(['https']);
    expect(valuesOf(trusted, 'x-forwarded-host')).toEqual(['repo.example']);
    const stranger = headersForNode(raw, client('192.0.2.1'), 'i');
    expect(valuesOf(stranger, 'x-forwarded-for')).toEqual(['192.0.2.1']);
    expect(valuesOf(stranger, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf(stranger, 'x-forwarded-host')).toEqual(['inner']);
    expect(valuesOf(stranger, 'forwarded')).toEqual([]);
  });
});

it('headers for a client keep everything but the hop', () => {
  expect(headersForClient({ connection: 'keep-alive, x-hop', 'keep-alive': 'timeout=5', 'x-hop': '1', etag: '"a"', 'set-cookie': ['a', 'b'] }))
    .toEqual({ etag: '"a"', 'set-cookie': ['a', 'b'] });
});
