import { balancerOptions, balancerProduct, type BalancerBackend, type BalancerProduct } from '../../../contract/index.ts';
import { modelOf, type BalancerModel, type BalancerPlaces } from '../model.ts';

const three = [
  { nodeId: 'node-1', url: 'http://10.0.4.11:8081', state: 'serving' },
  { nodeId: 'node-2', url: 'http://10.0.4.12:8081', state: 'serving' },
  { nodeId: 'node-3.lan', url: 'http://node-3.lan:8081', state: 'serving' },
] as const satisfies readonly BalancerBackend[];

/** What options and nodes can look like, each by a name; every product has to take all of them. */
export const variants = {
  plain: { options: {}, backends: three.slice(0, 2) },
  named: { options: { serverNames: ['artifacts.example.com', '*.builds.example.com'], listen: { address: '127.0.0.1', port: 8090 } }, backends: three.slice(0, 2) },
  draining: { options: { cookie: 'ROUTE_42' }, backends: [{ ...three[0], state: 'draining' }, three[1]] },
  'one-node': { options: {}, backends: three.slice(0, 1) },
  'no-nodes': { options: {}, backends: [] },
  'without-cookie': { options: { sticky: false, dockerPaths: false, largeBodyBytes: 0, timeouts: { connectSeconds: 1, answerSeconds: 2, readSeconds: 3, clientSeconds: 4 } }, backends: three.slice(0, 2) },
  'by-name': { options: {}, backends: [three[2], three[1]] },
  ipv6: { options: { listen: { address: '::1', port: 8443 } }, backends: [{ nodeId: 'six', url: 'http://[fd00::11]:8081', state: 'serving' }, three[2]] },
} as const satisfies Readonly<Record<string, Variant>>;

interface Variant {
  readonly options: Readonly<Record<string, unknown>>;
  readonly backends: readonly BalancerBackend[];
}

/** With TLS, for a certificate at this path. */
export function withTls(certificate: string): Variant {
  return { options: { listen: { port: 8443 }, tls: { certificate, key: certificate }, serverNames: ['artifacts.example.com'] }, backends: three.slice(0, 2) };
}

export const products: readonly BalancerProduct[] = balancerProduct.options;

export function variantModel(product: BalancerProduct, { options, backends }: Variant, places?: BalancerPlaces): BalancerModel {
  return modelOf({
    product, clusterName: 'artifacts', options: balancerOptions.parse(options), backends,
    ...(places === undefined ? {} : { places }),
  });
}
