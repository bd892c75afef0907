import { onScopeDispose } from 'vue';
import { useCommands } from './registry.ts';

const isMac = (): boolean => /mac/i.test(navigator.platform);

/** "Mod+K" as it is printed on this machine's keys. */
export function shortcutLabel(shortcut: string): string {
  return isMac() ? shortcut.replace('Mod+', '⌘') : shortcut.replace('Mod+', 'Ctrl ');
}

/** Starts commands by their shortcuts, wherever the focus is. */
export function useShortcuts(): void {
  const commands = useCommands();
  const onKey = (event: KeyboardEvent): void => {
    if (!(isMac() ? event.metaKey : event.ctrlKey) || event.altKey || event.shiftKey) return;
    const pressed = `Mod+${event.key.toUpperCase()}`;
    const command = commands.list.find(({ shortcut }) => shortcut === pressed);
    if (command?.blocked !== null) return;
    event.preventDefault();
    command.run();
  };
  window.addEventListener('keydown', onKey);
  onScopeDispose(() => window.removeEventListener('keydown', onKey));
}
