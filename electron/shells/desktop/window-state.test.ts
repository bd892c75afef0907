import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { restoredWindow, saveWindowState } from './window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const bounds = { x: 2000, y: 50, width: 1200, height: 800 };
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-window-'));
  file = join(folder, 'window.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('opens where the window was', () => {
  saveWindowState(file, { bounds, maximized: true });
  expect(restoredWindow(file, [screen, { ...screen, x: 1920 }])).toEqual({ ...bounds, maximized: true });
});

it('comes back onto the screen when the other one is gone', () => {
  saveWindowState(file, { bounds, maximized: false });
  expect(restoredWindow(file, [screen])).toEqual({ width: 1440, height: 900, maximized: false });
});

it('is never larger than the screen, and bears a broken file', () => {
  writeFileSync(file, '{"bounds": "no"}');
  expect(restoredWindow(file, [{ x: 0, y: 0, width: 1280, height: 720 }])).toEqual({ width: 1280, height: 720, maximized: false });
});
