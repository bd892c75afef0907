import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { ArgsOf, AuditRecord, AuditRecords } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { auditQuestion, type AuditFilter } from './audit-filter.ts';

export interface AuditPages {
  /** newest first; null until the first page is there */
  readonly entries: Readonly<ShallowRef<readonly AuditRecord[] | null>>;
  readonly more: Readonly<Ref<boolean>>;
  readonly failure: Readonly<Ref<Failure | null>>;
  readonly loading: Readonly<Ref<boolean>>;
  /** when the cluster was asked for new entries last, milliseconds since 1970 */
  readonly receivedAt: Readonly<Ref<number | null>>;
  loadOlder(): Promise<void>;
  reload(): Promise<void>;
}

/** A cluster has no stream of its audit log: it is asked again, milliseconds. */
export const freshEveryMs = 3_000;

/** The audit log under a filter: its newest page, older ones on request, and new entries while it is followed. */
export function useAuditPages(clusterId: () => string, filter: Ref<AuditFilter>, following: () => boolean): AuditPages {
  const client = useClient();
  const entries = shallowRef<readonly AuditRecord[] | null>(null);
  const more = ref(false);
  const failure = ref<Failure | null>(null);
  const loading = ref(false);
  const receivedAt = ref<number | null>(null);
  let underWay: AbortController | null = null;

  async function ask(before: number | undefined, take: (page: AuditRecords) => void): Promise<void> {
    const question: ArgsOf<'audit.list'> | null = auditQuestion(clusterId(), filter.value, Date.now(), before);
    underWay?.abort();
    if (question === null) return;
    const controller = new AbortController();
    underWay = controller;
    loading.value = true;
    try {
      const page = await client.call('audit.list', question, { signal: controller.signal });
      if (controller.signal.aborted) return;
      take(page);
      failure.value = null;
      if (before === undefined) receivedAt.value = Date.now();
    } catch (error) {
      if (!controller.signal.aborted) failure.value = asFailure(error);
    } finally {
      if (underWay === controller) loading.value = false;
    }
  }

  const reload = (): Promise<void> => ask(undefined, (page) => {
    entries.value = page.entries;
    more.value = page.more;
  });
  const freshen = (): Promise<void> => ask(undefined, (page) => {
    const known = entries.value ?? [];
    // between the two there may be entries that neither of them has
    const joined = !page.more || page.entries.some(({ id }) => known.some((entry) => entry.id === id));
    if (!joined) more.value = page.more;
    entries.value = joined ? merged(known, page.entries) : page.entries;
  });
  async function loadOlder(): Promise<void> {
    const oldest = entries.value?.at(-1);
    if (oldest === undefined || !more.value || loading.value) return;
    await ask(oldest.id, (page) => {
      entries.value = merged(entries.value ?? [], page.entries);
      more.value = page.more;
    });
  }

  let typing: ReturnType<typeof setTimeout> | undefined;
  watch(filter, () => {
    clearTimeout(typing);
    typing = setTimeout(() => void reload(), 200);
  }, { deep: true });
  const timer = setInterval(() => {
    if (following() && !loading.value && !document.hidden) void (entries.value === null ? reload() : freshen());
  }, freshEveryMs);
  onScopeDispose(() => {
    clearTimeout(typing);
    clearInterval(timer);
    underWay?.abort();
  });
  void reload();
  return { entries, more, failure, loading, receivedAt, loadOlder, reload };
}

/** Newest first, each entry once. */
export function merged(known: readonly AuditRecord[], fresh: readonly AuditRecord[]): AuditRecord[] {
  const byId = new Map([...known, ...fresh].map((entry) => [entry.id, entry]));
  return [...byId.values()].sort((a, b) => b.id - a.id);
}
