import { failed, passed, plannedOf, whenPlanned, type Check } from '../check.ts';
import { isTrial } from '../port-trial.ts';

export const port: Check = {
  id: 'port',
  category: 'network',
  applicable: whenPlanned,
  async check(context) {
    const { listen } = plannedOf(context);
    const { stdout, exitCode, stderr } = await context.probe('ss', '-Hltnp', `sport = :${listen.port}`);
    if (exitCode !== 0) return failed(`The ports in use could not be read: ${stderr.trim()}`, 'Install iproute2 (Debian, Ubuntu) or iproute (RHEL).');
    const taken = stdout.trim();
    if (taken === '') return passed(`Port ${listen.port} is free`);
    const { stdout: main } = await context.probe('systemctl', 'show', '--property', 'MainPID', '--value', 'bulkhead-node.service');
    const pid = Number(main.trim());
    if (pid > 0 && taken.includes(`pid=${pid},`)) return passed(`Port ${listen.port} is held by the node itself`);
    if (await isTrial(context.probe, taken)) return passed(`Port ${listen.port} is free: it is only tried whether it can be reached`);
    const owner = /users:\(\("([^"]+)",pid=(\d+)/.exec(taken);
    return failed(
      `Port ${listen.port} is taken${owner === null ? '' : ` by ${owner[1] ?? ''} (process ${owner[2] ?? ''})`}`,
      'Stop what listens there, or choose another port with "bulkhead cluster create --port".',
    );
  },
};
