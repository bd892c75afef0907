import { Option, type Command } from 'commander';
import { balancerOptions, balancerProduct, BulkheadError, type BalancerOptions, type BalancerProduct, type ContractClient, type PlannedBalancer } from '../../contract/index.ts';

export interface BalancerFlags {
  readonly product?: BalancerProduct;
  readonly address?: string;
  readonly port?: string;
  readonly name?: string[];
  readonly certificate?: string;
  readonly key?: string;
  /** left out where it was not said */
  readonly sticky?: boolean;
  readonly cookie?: string;
  readonly connectTimeout?: string;
  readonly answerTimeout?: string;
  readonly readTimeout?: string;
  readonly clientTimeout?: string;
  readonly largeBody?: string;
  readonly haproxyBuffer?: string;
  readonly docker?: boolean;
  readonly layout?: 'debian' | 'redhat';
  readonly reset?: boolean;
}

/** Everything that can be chosen about a balancer. Where both ways of a choice have a flag, neither is the same as saying nothing. */
export function withBalancerFlags(command: Command): Command {
  return command
    .addOption(new Option('--product <name>', 'what stands in front').choices(balancerProduct.options))
    .option('--address <ip>', 'address to listen on; "*" is all of them')
    .option('--port <port>', 'port to listen on (8080)')
    .addOption(new Option('--name <name...>', 'names that clients use'))
    .option('--certificate <path>', 'TLS: file on the balancer\'s host')
    .option('--key <path>', 'TLS: file on the balancer\'s host; the certificate\'s when left out')
    .option('--sticky', 'a cookie holds a client to its node, as it is without this')
    .option('--no-sticky', 'no such cookie')
    .option('--cookie <name>', 'its name (BULKHEAD_NODE)')
    .option('--connect-timeout <seconds>', 'to a node (2)')
    .option('--answer-timeout <seconds>', 'silence of a node after which a request goes to another one (30)')
    .option('--read-timeout <seconds>', 'silence of a node for what cannot be repeated (900)')
    .option('--client-timeout <seconds>', 'silence of a client (300)')
    .option('--large-body <bytes>', 'a PUT up to this size can be repeated by nginx (67108864)')
    .option('--haproxy-buffer <bytes>', 'what a request may hold to be repeated by HAProxy (131072)')
    .option('--docker', 'pass /v2/ and /artifactory/api/docker on, as it is without this')
    .option('--no-docker', 'do not')
    .addOption(new Option('--layout <name>', 'how the distribution lays files out').choices(['debian', 'redhat']));
}

/**
 * What is said now, and of everything else what was chosen before.
 * @param before of a balancer that is there already
 * @throws ARGUMENT_INVALID with the name of the option
 */
export function optionsFrom(flags: BalancerFlags, before?: BalancerOptions): BalancerOptions {
  const given = <T>(key: string, value: T | undefined): Record<string, T> => (value === undefined ? {} : { [key]: value });
  const number = (key: string, text: string | undefined): Record<string, number> => given(key, text === undefined ? undefined : Number(text));
  const former = flags.reset === true ? undefined : before;
  const certificate = flags.certificate ?? (flags.key === undefined ? undefined : former?.tls?.certificate);
  if (flags.key !== undefined && certificate === undefined) throw new BulkheadError('ARGUMENT_INVALID', '--key needs --certificate');
  const parsed = balancerOptions.safeParse({
    ...former,
    listen: { ...former?.listen, ...given('address', flags.address), ...number('port', flags.port) },
    ...given('serverNames', flags.name),
    ...(certificate === undefined ? {} : { tls: { certificate, key: flags.key ?? certificate } }),
    ...given('sticky', flags.sticky), ...given('cookie', flags.cookie),
    timeouts: {
      ...former?.timeouts,
      ...number('connectSeconds', flags.connectTimeout), ...number('answerSeconds', flags.answerTimeout),
      ...number('readSeconds', flags.readTimeout), ...number('clientSeconds', flags.clientTimeout),
    },
    ...number('largeBodyBytes', flags.largeBody), ...number('haproxyBufferBytes', flags.haproxyBuffer),
    ...given('dockerPaths', flags.docker), ...given('layout', flags.layout),
  });
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message }));
  throw new BulkheadError('ARGUMENT_INVALID', details.map(({ path, problem }) => `${path}: ${problem}`).join('; '), { details });
}

/** `--balancer HOST=PRODUCT`; nginx where no product is named. @throws ARGUMENT_INVALID */
export function balancerFrom(text: string): PlannedBalancer {
  const [hostId = '', name = 'nginx', ...more] = text.split('=');
  const product = balancerProduct.safeParse(name);
  if (!product.success || hostId === '' || more.length > 0) throw new BulkheadError('ARGUMENT_INVALID', `"${text}" is not host=product`, { hint: 'The product is nginx, haproxy or apache.' });
  return { hostId, product: product.data, options: balancerOptions.parse({}) };
}

/** As it is asked for; with what was chosen for it before, where the host is that balancer of the cluster already. */
export async function asChosenBefore(client: ContractClient, clusterId: string, balancer: PlannedBalancer, signal: AbortSignal): Promise<PlannedBalancer> {
  const there = await client.call('balancers.list', { clusterId }, { signal });
  const known = there.find(({ host, hostId }) => host === balancer.hostId || hostId === balancer.hostId);
  return known?.product === balancer.product ? { ...balancer, options: known.options } : balancer;
}

/** From then on the host is kept in step with the nodes. Touches no host. */
export async function assignBalancer(client: ContractClient, clusterId: string, balancer: PlannedBalancer | undefined, signal: AbortSignal): Promise<void> {
  if (balancer !== undefined) await client.call('balancers.assign', { clusterId, ...balancer }, { signal });
}
