import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { BalancerBackend, BalancerOptions, BalancerProduct } from '../../contract/index.ts';

/** Paths of a system as far as a configuration names them. */
export interface BalancerPlaces {
  /** where the product writes its logs */
  readonly logs: string;
  /** where Apache httpd has its modules */
  readonly apacheModules: string;
}

/** A node as it stands in a configuration. */
export interface ModelBackend {
  readonly nodeId: string;
  /** IPv6 addresses without brackets */
  readonly host: string;
  readonly port: number;
  readonly draining: boolean;
  /** what stands for the node in the cookie; an identifier in each product */
  readonly route: string;
}

/** All that a rendering depends on. Every text in it is safe in the syntax of each product. */
export interface BalancerModel {
  readonly product: BalancerProduct;
  readonly clusterName: string;
  /** begins every name that the configuration gives to something, so that clusters get on on one host; from the cluster's name, which it has on every desktop */
  readonly prefix: string;
  readonly options: BalancerOptions;
  readonly backends: readonly ModelBackend[];
  readonly places: BalancerPlaces;
}

export interface ModelSource {
  readonly product: BalancerProduct;
  readonly clusterName: string;
  readonly options: BalancerOptions;
  readonly backends: readonly BalancerBackend[];
  readonly places?: BalancerPlaces;
}

const safeName = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i;
/** as hosts are added: networks have machines with "_" in their names, and a dot may end a whole one */
const dnsName = /^[a-z0-9_][a-z0-9_-]{0,62}(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;

const places: Readonly<Record<BalancerOptions['layout'], Readonly<Record<BalancerProduct, BalancerPlaces>>>> = {
  debian: perProduct({ nginx: '/var/log/nginx', haproxy: '/var/log', apache: '/var/log/apache2' }, '/usr/lib/apache2/modules'),
  redhat: perProduct({ nginx: '/var/log/nginx', haproxy: '/var/log', apache: '/var/log/httpd' }, '/usr/lib64/httpd/modules'),
};

function perProduct(logs: Readonly<Record<BalancerProduct, string>>, apacheModules: string): Record<BalancerProduct, BalancerPlaces> {
  return { nginx: { logs: logs.nginx, apacheModules }, haproxy: { logs: logs.haproxy, apacheModules }, apache: { logs: logs.apache, apacheModules } };
}

/**
 * What is to be rendered, every name and address of it held against what the products' syntax can carry. The options have been
 * through their schema, which allows nothing else.
 * @throws CONFIG_INVALID
 */
export function modelOf({ product, clusterName, options, backends, places: given }: ModelSource): BalancerModel {
  if (!safeName.test(clusterName)) throw unusable('The name of the cluster', clusterName);
  if (product === 'haproxy' && options.tls !== null && options.tls.key !== options.tls.certificate && options.tls.key !== `${options.tls.certificate}.key`) {
    throw new BulkheadError('CONFIG_INVALID', 'HAProxy takes the key from the file of the certificate, or from one beside it', {
      hint: `Name the key "${options.tls.certificate}.key", or put both into one file and name that twice.`,
    });
  }
  const sorted = [...backends].sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
  const modelled = sorted.map(modelBackend);
  if (new Set(modelled.map(({ route }) => route)).size !== modelled.length) throw new BulkheadError('CONFIG_INVALID', 'A node occurs twice');
  return {
    product, clusterName, options,
    prefix: `bulkhead_${createHash('sha256').update(clusterName).digest('hex').slice(0, 8)}`,
    backends: modelled,
    places: given ?? places[options.layout][product],
  };
}

/** A host and port as they stand in an address: IPv6 in brackets. */
export function authority({ host, port }: Pick<ModelBackend, 'host' | 'port'>): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

function modelBackend({ nodeId, url, state }: BalancerBackend): ModelBackend {
  if (!safeName.test(nodeId)) throw unusable('The id of a node', nodeId);
  // the parser is lenient: it drops line breaks and blanks
  const parsed = /^[\x21-\x7e]+$/.test(url) && URL.canParse(url) ? new URL(url) : null;
  const host = parsed?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  if (parsed?.protocol !== 'http:' || parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '' || parsed.username !== '' || (isIP(host) === 0 && !dnsName.test(host))) {
    throw unusable(`The address of ${nodeId}`, url);
  }
  return { nodeId, host, port: Number(parsed.port || 80), draining: state === 'draining', route: routeOf(nodeId) };
}

/** Says nothing about the node, and is the same in every rendering. */
function routeOf(nodeId: string): string {
  return `n${createHash('sha256').update(`bulkhead-route\0${nodeId}`).digest('hex').slice(0, 12)}`;
}

function unusable(what: string, value: string): BulkheadError {
  return new BulkheadError('CONFIG_INVALID', `${what} cannot stand in a balancer's configuration: ${JSON.stringify(value.slice(0, 200))}`);
}
