import { sql } from 'kysely';
import type { RuleOverride } from '../../alerts/rules.ts';
import type { Reader } from '../../cluster/ports.ts';

/** What somebody has changed, by rule. */
export async function ruleOverrides(db: Reader): Promise<Map<string, RuleOverride>> {
  const rows = await db.selectFrom('alert_rule').selectAll().execute();
  return new Map(rows.map((row) => [row.rule, {
    severity: row.severity, enabled: row.enabled, threshold: row.threshold,
    raiseAfterSeconds: row.raise_after_seconds, clearAfterSeconds: row.clear_after_seconds,
  }]));
}

/** Fields that are left out stay; null goes back to the default. */
export type RuleChange = { readonly [K in keyof RuleOverride]?: RuleOverride[K] | undefined };

export async function changeRule(db: Reader, rule: string, change: RuleChange, by: string): Promise<void> {
  const columns = {
    ...(change.severity === undefined ? {} : { severity: change.severity }),
    ...(change.enabled === undefined ? {} : { enabled: change.enabled }),
    ...(change.threshold === undefined ? {} : { threshold: change.threshold }),
    ...(change.raiseAfterSeconds === undefined ? {} : { raise_after_seconds: change.raiseAfterSeconds }),
    ...(change.clearAfterSeconds === undefined ? {} : { clear_after_seconds: change.clearAfterSeconds }),
    updated_by: by,
  };
  await db.insertInto('alert_rule').values({ rule, ...columns })
    .onConflict((conflict) => conflict.column('rule').doUpdateSet({ ...columns, updated_at: sql`clock_timestamp()` })).execute();
}
