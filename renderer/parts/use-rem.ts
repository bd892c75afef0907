import { onScopeDispose, ref, type Ref } from 'vue';

const read = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Pixels of a rem, also after the window has moved to a screen of another size: what is laid out by numbers follows the letters. */
export function useRem(): Readonly<Ref<number>> {
  const rem = ref(read());
  const onResize = (): void => {
    rem.value = read();
  };
  window.addEventListener('resize', onResize);
  onScopeDispose(() => window.removeEventListener('resize', onResize));
  return rem;
}
