import { expect, it } from 'vitest';
import type { Webhook } from '../../electron/contract/index.ts';
import { webhookCall, webhookDraft, webhookProblem } from './webhook-draft.ts';

const webhook: Webhook = { id: 'w1', name: 'chat', url: 'https://chat.lan/hook', enabled: false, events: ['raised'], rules: ['disk'], leastSeverity: 'bad', hasSecret: true, createdAt: '', deliveredAt: null, waiting: 0, dead: 0, failure: null };

it('keeps what it does not show, and sends no secret that was not typed', () => {
  const call = webhookCall('c', webhook, webhookDraft(webhook));
  expect(call).toMatchObject({ webhookId: 'w1', enabled: false, rules: ['disk'] });
  expect(call).not.toHaveProperty('secret');
});

it('sends a typed secret, and null to take it away', () => {
  const draft = webhookDraft(webhook);
  expect(webhookCall('c', webhook, { ...draft, secretMode: 'set', secret: 's'.repeat(20) })).toHaveProperty('secret', 's'.repeat(20));
  expect(webhookCall('c', webhook, { ...draft, secretMode: 'none' })).toHaveProperty('secret', null);
});

it('says what is missing before it is sent', () => {
  const good = { ...webhookDraft(null), name: 'chat', url: 'https://chat.lan/hook', secret: 's'.repeat(16) };
  expect(webhookProblem(good)).toBeNull();
  for (const wrong of [{ name: ' ' }, { url: 'chat.lan' }, { url: 'ftp://chat.lan' }, { events: [] }, { secret: 'short' }]) expect(webhookProblem({ ...good, ...wrong })).not.toBeNull();
});
