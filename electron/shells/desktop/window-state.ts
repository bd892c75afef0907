import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const rectangle = z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().min(1), height: z.number().int().min(1) });
type Rectangle = z.infer<typeof rectangle>;

const windowState = z.object({ bounds: rectangle, maximized: z.boolean() });
export type WindowState = z.infer<typeof windowState>;

export const smallestWindow = { width: 960, height: 640 } as const;
const usual = { width: 1440, height: 900 } as const;

/**
 * Where the window was, if it can still be reached there: screens are unplugged, and a title bar beyond their edge
 * cannot be dragged back.
 *
 * @param file JSON file written by `saveWindowState`; missing or broken files count as no memory
 * @param workAreas of all displays, the primary one first
 */
export function restoredWindow(file: string, workAreas: readonly Rectangle[]): Partial<Rectangle> & { width: number; height: number; maximized: boolean } {
  const saved = readState(file);
  const primary = workAreas[0];
  if (saved !== null && workAreas.some((area) => titleIsInside(saved.bounds, area))) return { ...saved.bounds, maximized: saved.maximized };
  return {
    width: Math.min(usual.width, primary?.width ?? usual.width),
    height: Math.min(usual.height, primary?.height ?? usual.height),
    maximized: saved?.maximized ?? false,
  };
}

/** Not being able to remember a place is no reason to bother anyone. */
export function saveWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  } catch {
    // the next start uses the usual place
  }
}

function readState(file: string): WindowState | null {
  try {
    return windowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** At least 120 pixels of the title bar can be grabbed. */
function titleIsInside(bounds: Rectangle, area: Rectangle): boolean {
  const visible = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  return visible >= 120 && bounds.y >= area.y && bounds.y <= area.y + area.height - 40;
}
