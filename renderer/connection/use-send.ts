import { ref, type Ref } from 'vue';
import { asFailure, type Failure } from '../format/failures.ts';

export interface Sending {
  readonly busy: Readonly<Ref<boolean>>;
  readonly failure: Readonly<Ref<Failure | null>>;
  /** Runs one command at a time; its failure stays beside the form until the next one. True when it went well. */
  readonly send: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** What a form needs to send something: whether it is under way, and why it failed. */
export function useSend(): Sending {
  const busy = ref(false);
  const failure = ref<Failure | null>(null);
  async function send(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    failure.value = null;
    try {
      await work();
      return true;
    } catch (error) {
      failure.value = asFailure(error);
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, failure, send };
}
