import type { ArgsOf, Webhook } from '../../electron/contract/index.ts';

/** A webhook as the form holds it. `secret`: typed anew; `keep` sends none, so that the present one stays. */
export interface WebhookDraft { name: string; url: string; events: Webhook['events']; leastSeverity: Webhook['leastSeverity']; secretMode: 'keep' | 'set' | 'none'; secret: string }

export const allEvents: Webhook['events'] = ['raised', 'cleared', 'acknowledged'];

export function webhookDraft(webhook: Webhook | null): WebhookDraft {
  if (webhook === null) return { name: '', url: '', events: [...allEvents], leastSeverity: 'warning', secretMode: 'set', secret: '' };
  return { name: webhook.name, url: webhook.url, events: [...webhook.events], leastSeverity: webhook.leastSeverity, secretMode: webhook.hasSecret ? 'keep' : 'none', secret: '' };
}

/** What is wrong with the draft, in words; null when it can be sent. */
export function webhookProblem(draft: WebhookDraft): string | null {
  if (draft.name.trim() === '') return 'Give it a name';
  let address: URL;
  try {
    address = new URL(draft.url.trim());
  } catch {
    return 'The address is a URL, for example https://chat.lan/hooks/ops';
  }
  if (address.protocol !== 'http:' && address.protocol !== 'https:') return 'The address begins with http:// or https://';
  if (draft.events.length === 0) return 'Choose at least one event';
  if (draft.secretMode === 'set' && draft.secret.length < 16) return 'Use at least 16 characters for the secret, or none at all';
  return null;
}

/** The call that stores it. A secret leaves the page only when it was typed anew. */
export function webhookCall(clusterId: string, webhook: Webhook | null, draft: WebhookDraft): ArgsOf<'alerts.putWebhook'> {
  return {
    clusterId, name: draft.name.trim(), url: draft.url.trim(), enabled: webhook?.enabled ?? true, events: draft.events, rules: webhook?.rules ?? null, leastSeverity: draft.leastSeverity,
    ...(webhook === null ? {} : { webhookId: webhook.id }),
    ...(draft.secretMode === 'set' ? { secret: draft.secret } : draft.secretMode === 'none' ? { secret: null } : {}),
  };
}
