import { onScopeDispose } from 'vue';

/** Runs `act` when somebody presses “/” while nothing is being typed and nothing stands in front of the screen. */
export function useSlash(act: () => void): void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"], [role="alertdialog"]') !== null)) return;
    event.preventDefault();
    act();
  };
  window.addEventListener('keydown', onKey);
  onScopeDispose(() => window.removeEventListener('keydown', onKey));
}
