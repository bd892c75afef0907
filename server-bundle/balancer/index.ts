import { pino } from 'pino';
import { Balancer } from './balancer.ts';
import { loadBalancerConfig } from './config.ts';
import { followConfig } from './config-file.ts';

export { balancerConfig, loadBalancerConfig, parseBalancerConfig, type BalancerConfig } from './config.ts';

/**
 * `bulkhead-node balance --config FILE`: serves until SIGTERM or SIGINT, then finishes what is under way and resolves.
 * A second signal ends it at once.
 * @throws CONFIG_INVALID, PORT_IN_USE
 */
export async function runBalancer(configPath: string): Promise<void> {
  const config = await loadBalancerConfig(configPath);
  const log = pino({ level: config.log.level, base: { part: 'balancer' } });
  const balancer = new Balancer(config, log);
  const stopped = Promise.withResolvers<undefined>();
  const end = new AbortController();
  const hurry = new AbortController();
  const onSignal = (): void => {
    if (end.signal.aborted) hurry.abort();
    end.abort();
    stopped.resolve(undefined);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    await balancer.start();
    log.info({ host: config.listen.host, port: balancer.port, backends: config.backends.length }, 'balancer serves');
    const following = followConfig(configPath, (changed) => { balancer.apply(changed); }, log, end.signal);
    await stopped.promise;
    log.info({ inFlight: balancer.totals.inFlight }, 'balancer stops');
    await balancer.stop(hurry.signal);
    await following;
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
  }
}
