import { failed, passed, plannedOf, whenPlanned, type Check } from '../check.ts';

/** The files on the share belong to a number: it has to be the same user on every host. */
export const serviceUid: Check = {
  id: 'service-uid',
  category: 'service',
  applicable: whenPlanned,
  async check(context) {
    const { serviceUid: uid, serviceGid: gid } = plannedOf(context);
    const { stdout } = await context.probe('sh', '-c', 'getent passwd "$1"; getent passwd bulkhead; getent group "$2"; getent group bulkhead; true', 'sh', String(uid), String(gid));
    const entries = stdout.split('\n').filter((line) => line !== '').map((line) => line.split(':'));
    const foreign = entries.find(([name]) => name !== 'bulkhead');
    const advice = 'Choose numbers that are free on all hosts with "bulkhead cluster create --service-uid".';
    if (foreign !== undefined) return failed(`The number ${foreign[2] ?? ''} belongs to "${foreign[0] ?? ''}"`, advice);
    const other = entries.find(([, , number]) => number !== String(uid) && number !== String(gid));
    if (other !== undefined) return failed(`"bulkhead" exists on this host with the number ${other[2] ?? ''}, not ${uid}`, advice, 'Remove that user, if nothing else needs it.');
    const [, , , group] = entries.find((entry) => entry.length > 4) ?? [];
    if (group !== undefined && group !== String(gid)) return failed(`"bulkhead" exists on this host, and its group has the number ${group}, not ${gid}`, advice, 'Remove that user, if nothing else needs it.');
    return passed(entries.length === 0 ? `The number ${uid} is free` : `"bulkhead" has the number ${uid}`);
  },
};
