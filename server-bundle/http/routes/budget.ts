import { poolChange, type BudgetView } from '../../contract/index.ts';
import { connectionHolders } from '../../metadata/connection-holders.ts';
import { poolSizesNow, setPools } from '../../metadata/grants.ts';
import type { NodeContext } from '../../node/context.ts';
import { requireAdmin } from '../../security/authorize.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

const base = '/artifactory/api/v1/cluster';
const always = { config: { always: true } } as const;

/** Who holds the connections of the database server, and how many each node may; changed while the nodes run. */
export const budgetRoutes: RouteModule = (app, context) => {
  app.get(`${base}/budget`, always, (request): Promise<BudgetView> => {
    requireAdmin(request.principal);
    return budgetNow(context);
  });

  app.put(`${base}/pools`, always, async (request): Promise<BudgetView> => {
    requireAdmin(request.principal);
    const change = validated(poolChange, request.body ?? {}, 'BODY_INVALID');
    const session = context.runtime.session();
    await setPools(session.db, change, request.principal.name, context.config.database.keepForOthers);
    return budgetNow(context);
  });
};

async function budgetNow({ runtime }: NodeContext): Promise<BudgetView> {
  const { asOf, database } = await runtime.view();
  const { db } = runtime.session();
  return { apiVersion: 1, asOf, database, holders: await connectionHolders(db), pools: await poolSizesNow(db) };
}
