import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { prometheusRules } from './prometheus-rules.ts';

/** As Prometheus reads it (configuration, "Recording and alerting rules"). */
const rulesFile = z.strictObject({
  groups: z.array(z.strictObject({
    name: z.string(),
    rules: z.array(z.strictObject({
      alert: z.string().regex(/^Bulkhead[A-Z]\w+$/), expr: z.string().min(1), for: z.string().regex(/^\d+[smh]$/),
      labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
      annotations: z.strictObject({ summary: z.string().min(1), description: z.string().min(1) }),
    })),
  })),
});

test('is a rules file, each alert once', () => {
  const { groups } = rulesFile.parse(parse(prometheusRules));
  const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect(names.length).toBeGreaterThan(15);
  expect(new Set(names).size).toBe(names.length);
});

test('is the file that people take from the resources', async () => {
  // written anew by "vitest -u"
  await expect(prometheusRules).toMatchFileSnapshot('../../../resources/prometheus/bulkhead.rules.yml');
});
