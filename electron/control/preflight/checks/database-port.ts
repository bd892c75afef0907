import { databaseServers, serverAddress } from '../../../../server-bundle/contract/index.ts';
import { failed, passed, plannedOf, warning, whenPlanned, type Check } from '../check.ts';
import { nameFix, routeFix, tryTcp, type TcpAnswer } from '../tcp.ts';

const reasons: Record<Exclude<TcpAnswer, 'answers' | 'no bash'>, string> = {
  silent: 'does not answer within 5 s: a firewall may be in between', refused: 'refuses the connection',
  'no route': 'cannot be reached: this host has no route there', 'unknown name': 'cannot be reached: its name is not known here',
};

/** A connection from the host, before anything is installed there. */
export const databasePort: Check = {
  id: 'database-port',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const { host, port } = plannedOf(context).database;
    const servers = databaseServers(host, port) ?? [];
    const answers = await Promise.all(servers.map((server) => tryTcp(context.probe, server.host, server.port)));
    const shut = servers.filter((_, at) => answers[at] !== 'answers');
    const named = servers.map(serverAddress).join(' and ');
    if (shut.length === 0) return passed(`${named} ${servers.length === 1 ? 'answers' : 'answer'}`);
    const answer = answers.find((each) => each !== 'answers') ?? 'silent';
    if (answer === 'no bash') return warning('There is no bash to try the connection with; it is tried later, by the node itself');
    const where = shut.map(serverAddress).join(' and ');
    // a standby that is down does not keep a node from working
    const tell = shut.length < servers.length ? warning : failed;
    if (answer === 'no route') return tell(`From this host ${where} ${reasons[answer]}`, routeFix);
    if (answer === 'unknown name') return tell(`From this host ${where} ${reasons[answer]}`, nameFix);
    return tell(`From this host ${where} ${reasons[answer]}`,
      'Let the server listen on its address: listen_addresses in postgresql.conf, and a line for this host in pg_hba.conf.',
      `Open the way to ${where} in the firewall between the two.`);
  },
};
