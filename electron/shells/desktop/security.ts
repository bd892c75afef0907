import type { App, Session, WebContents, WebFrameMain, WebPreferences } from 'electron';
import { contentFilePath } from '../../contract/index.ts';
import { appScheme, isOwnAddress } from './origin.ts';

/**
 * Every restriction on windows is in this file and holds for all of them, those that nobody thought of included.
 * A screen shows what came from clusters; if one is ever taken over, it must be able to do nothing but what the
 * contract allows.
 */

/** The preferences of every window. Each is written out, even where it is the default: a default may change. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    plugins: false,
    // the spelling dictionaries would be fetched from a server of the browser's maker
    spellcheck: false,
    safeDialogs: true,
  };
}

/** For every web contents that will ever be created: stays on our own screens, opens nothing, embeds nothing. */
export function confineAllContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => confine(contents));
}

function confine(contents: WebContents): void {
  const stay = (event: Electron.Event<{ url: string }>): void => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Grants no permission to any page, lets none download anything but artifacts, which the person says where to keep, and answers no request but those for our own screens. */
export function confineSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, callback) => callback(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, callback) => callback(null));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event, item) => {
    if (!isArtifactAddress(item.getURL())) event.preventDefault();
  });
  session.webRequest.onBeforeRequest((details, callback) => {
    const { protocol } = new URL(details.url);
    callback({ cancel: protocol !== `${appScheme}:` && protocol !== 'devtools:' });
  });
}

/** May this frame talk to the control room? Only the top frame of a window, while it shows one of our own screens. */
export function isTrustedSender(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && isOwnAddress(frame.url);
}

/** The one thing that a page may have saved: a file that this app fetches from a cluster. */
function isArtifactAddress(address: string): boolean {
  return isOwnAddress(address) && new URL(address).pathname === contentFilePath;
}
