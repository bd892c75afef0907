import { onScopeDispose, ref, type Ref } from 'vue';
import { copyText } from './copy-text.ts';

/** How long “Copied” stands, milliseconds. */
const shownMs = 1_800;

export interface Copying {
  readonly copied: Readonly<Ref<boolean>>;
  /** the last try did not work: the text has to be selected by hand */
  readonly refused: Readonly<Ref<boolean>>;
  readonly copy: () => Promise<boolean>;
}

/** What a button that copies needs. @param text what is copied, at the moment of the click */
export function useCopy(text: () => string): Copying {
  const copied = ref(false);
  const refused = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  async function copy(): Promise<boolean> {
    clearTimeout(timer);
    copied.value = await copyText(text());
    refused.value = !copied.value;
    timer = setTimeout(() => {
      copied.value = false;
    }, shownMs);
    return copied.value;
  }
  onScopeDispose(() => clearTimeout(timer));
  return { copied, refused, copy };
}
