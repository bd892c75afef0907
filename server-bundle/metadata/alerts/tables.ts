import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Filled by the database's clock unless given. */
type Stamp = ColumnType<Date, Date | undefined, Date>;

export interface AlertEvaluationTable { singleton: Generated<boolean>; evaluated_at: Date; epoch: number }
export interface AlertRuleTable {
  rule: string;
  severity: 'warning' | 'bad' | null;
  enabled: boolean | null;
  threshold: number | null;
  raise_after_seconds: number | null;
  clear_after_seconds: number | null;
  updated_at: Stamp;
  updated_by: string;
}
export interface AlertTable {
  id: string;
  rule: string;
  subject: string;
  node_id: string | null;
  severity: 'warning' | 'bad';
  title: string;
  message: string;
  value: string;
  threshold: string;
  since: Date;
  raised_at: Date | null;
  gone_since: Date | null;
  cleared_at: Date | null;
  acknowledged_by: string | null;
  acknowledged_at: Date | null;
  acknowledgement: string | null;
  told_at: Date | null;
}
export interface AlertMuteTable {
  id: string;
  rule: string | null;
  subject: string | null;
  until: Date;
  reason: string;
  created_by: string;
  created_at: Stamp;
}
export interface WebhookTable {
  id: string;
  name: string;
  url: string;
  enabled: boolean;
  events: string[];
  rules: string[] | null;
  least_severity: 'warning' | 'bad';
  secret: string | null;
  secret_key_id: string | null;
  created_at: Stamp;
  updated_at: Stamp;
}
export interface WebhookDeliveryTable {
  id: string;
  number: GeneratedAlways<number>;
  webhook_id: string;
  alert_id: string | null;
  event: string;
  message: string;
  body: string;
  state: Generated<'waiting' | 'delivered' | 'dead'>;
  attempts: Generated<number>;
  created_at: Stamp;
  next_at: Stamp;
  give_up_at: Date;
  claimed_epoch: number | null;
  ended_at: Date | null;
  status: number | null;
  failure: string | null;
}
