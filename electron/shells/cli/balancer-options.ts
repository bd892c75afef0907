import { Option, type Command } from 'commander';
import { balancerOptions, balancerProduct, BulkheadError, type BalancerOptions, type BalancerProduct, type ContractClient } from '../../contract/index.ts';

export interface BalancerFlags {
  readonly product?: BalancerProduct;
  readonly address?: string;
  readonly port?: string;
  readonly name?: string[];
  readonly certificate?: string;
  readonly key?: string;
  readonly sticky: boolean;
  readonly cookie?: string;
  readonly connectTimeout?: string;
  readonly answerTimeout?: string;
  readonly readTimeout?: string;
  readonly clientTimeout?: string;
  readonly largeBody?: string;
  readonly haproxyBuffer?: string;
  readonly docker: boolean;
  readonly layout?: 'debian' | 'redhat';
}

/** Everything that can be chosen about a balancer. */
export function withBalancerFlags(command: Command): Command {
  return command
    .addOption(new Option('--product <name>', 'what stands in front').choices(balancerProduct.options))
    .option('--address <ip>', 'address to listen on; "*" is all of them')
    .option('--port <port>', 'port to listen on (8080)')
    .addOption(new Option('--name <name...>', 'names that clients use'))
    .option('--certificate <path>', 'TLS: file on the balancer\'s host')
    .option('--key <path>', 'TLS: file on the balancer\'s host; the certificate\'s when left out')
    .option('--no-sticky', 'no cookie that holds a client to its node')
    .option('--cookie <name>', 'its name (BULKHEAD_NODE)')
    .option('--connect-timeout <seconds>', 'to a node (2)')
    .option('--answer-timeout <seconds>', 'silence of a node after which a request goes to another one (30)')
    .option('--read-timeout <seconds>', 'silence of a node for what cannot be repeated (900)')
    .option('--client-timeout <seconds>', 'silence of a client (300)')
    .option('--large-body <bytes>', 'a PUT up to this size can be repeated by nginx (67108864)')
    .option('--haproxy-buffer <bytes>', 'what a request may hold to be repeated by HAProxy (131072)')
    .option('--no-docker', 'do not pass /v2/ and /artifactory/api/docker on')
    .addOption(new Option('--layout <name>', 'how the distribution lays files out').choices(['debian', 'redhat']));
}

/** @throws ARGUMENT_INVALID with the name of the option */
export function optionsFrom(flags: BalancerFlags): BalancerOptions {
  const given = <T>(key: string, value: T | undefined): Record<string, T> => (value === undefined ? {} : { [key]: value });
  const number = (key: string, text: string | undefined): Record<string, number> => given(key, text === undefined ? undefined : Number(text));
  const parsed = balancerOptions.safeParse({
    listen: { ...given('address', flags.address), ...number('port', flags.port) },
    ...given('serverNames', flags.name),
    ...(flags.certificate === undefined ? {} : { tls: { certificate: flags.certificate, key: flags.key ?? flags.certificate } }),
    sticky: flags.sticky, ...given('cookie', flags.cookie),
    timeouts: {
      ...number('connectSeconds', flags.connectTimeout), ...number('answerSeconds', flags.answerTimeout),
      ...number('readSeconds', flags.readTimeout), ...number('clientSeconds', flags.clientTimeout),
    },
    ...number('largeBodyBytes', flags.largeBody), ...number('haproxyBufferBytes', flags.haproxyBuffer),
    dockerPaths: flags.docker, ...given('layout', flags.layout),
  });
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message }));
  throw new BulkheadError('ARGUMENT_INVALID', details.map(({ path, problem }) => `${path}: ${problem}`).join('; '), { details });
}

/** `--balancer HOST=PRODUCT`: from then on the host is kept in step with the nodes. Touches no host. */
export async function assignBalancer(client: ContractClient, { cluster, balancer }: { readonly cluster: string; readonly balancer?: string }, signal: AbortSignal): Promise<void> {
  if (balancer === undefined) return;
  const [hostId = '', name] = balancer.split('=');
  const product = balancerProduct.safeParse(name ?? 'nginx');
  if (!product.success) throw new BulkheadError('ARGUMENT_INVALID', `"${balancer}" is not host=product`, { hint: 'The product is nginx, haproxy or apache.' });
  await client.call('balancers.assign', { clusterId: cluster, hostId, product: product.data, options: balancerOptions.parse({}) }, { signal });
}
