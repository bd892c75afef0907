import { z } from 'zod';
import { cacheKeys } from '../../cluster/cache-keys.ts';
import { readSetting, writeSetting } from '../../metadata/settings.ts';
import { anonymousReading, anonymousReadSetting } from '../../security/anonymous-read.ts';
import { requireAdmin } from '../../security/authorize.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';
import { withdraw } from '../../security/withdraw.ts';

const anonymousRead = z.strictObject({ enabled: z.boolean(), everything: z.boolean().default(true) });
const url = '/artifactory/api/v1/settings/anonymous-read';

/** Whether requests without credentials may read: everything, or what permission targets give them. */
export const settingsRoutes: RouteModule = (app, { runtime }) => {
  app.get(url, async (request) => {
    requireAdmin(request.principal);
    const reading = anonymousReading(await readSetting(runtime.session().db, anonymousReadSetting));
    return { enabled: reading !== 'off', ...(reading === 'targets' ? { everything: false } : {}) };
  });

  app.put(url, async (request) => {
    requireAdmin(request.principal);
    const { enabled, everything } = validated(anonymousRead, request.body);
    const session = runtime.session();
    const by = request.principal.name;
    await withdraw(session, { keys: [cacheKeys.setting(anonymousReadSetting)] }, async (trx) => {
      await writeSetting(trx, anonymousReadSetting, enabled && !everything ? 'targets' : enabled);
      await session.events.publish({ type: 'access.changed', message: `${by} switched anonymous read ${enabled ? 'on' : 'off'}`, detail: { enabled, everything, by } }, trx);
    });
    return { enabled, ...(everything ? {} : { everything }) };
  });
};
