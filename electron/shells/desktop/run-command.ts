import type { WebContents } from 'electron';
import type { AppCommand } from '../../contract/index.ts';

/**
 * Carries a command out by pressing its shortcut in the page, which is where commands live. So the menu needs no
 * second way into the page, and the preload stays one object with one function.
 */
export function pressShortcut(contents: WebContents, command: AppCommand, platform: NodeJS.Platform): void {
  const keyCode = command.shortcut.replace('Mod+', '');
  const modifiers: ('meta' | 'control')[] = [platform === 'darwin' ? 'meta' : 'control'];
  contents.sendInputEvent({ type: 'keyDown', keyCode, modifiers });
  contents.sendInputEvent({ type: 'keyUp', keyCode, modifiers });
}
