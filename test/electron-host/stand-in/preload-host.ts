/** Name of the binding through which a page's preload reaches the host; the preload takes it off the page first. */
export const bindingName = '__electronStandIn';

/**
 * The script that runs before each document: what Electron gives a sandboxed preload (`require` of `electron` and of
 * nothing else), with a context bridge that copies whatever crosses it.
 */
export function preloadScript(preload: string): string {
  return `(() => {
  const call = window[${JSON.stringify(bindingName)}];
  delete window[${JSON.stringify(bindingName)}];
  if (window.top !== window || location.protocol !== 'https:') return;
  void call({ kind: 'document' });
  const listeners = new Map();
  Object.defineProperty(window, Symbol.for('electron-stand-in'), {
    value: (channel, args) => { for (const listener of [...(listeners.get(channel) ?? [])]) listener({}, ...args); },
  });
  const crossed = (value) => {
    if (typeof value === 'function') return (...args) => crossed(value(...args.map(crossed)));
    if (typeof value !== 'object' || value === null) return value;
    if (Object.values(value).some((part) => typeof part === 'function')) {
      return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, crossed(part)])));
    }
    return structuredClone(value);
  };
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name, api) => {
        if (name in window) throw new Error('Cannot bind an API on top of an existing property on the window object');
        Object.defineProperty(window, name, { value: crossed(api), enumerable: true });
        void call({ kind: 'exposed', name, keys: Object.keys(api) });
      },
    },
    ipcRenderer: {
      send: (channel, ...args) => { void call({ kind: 'send', channel, args: structuredClone(args) }); },
      on: (channel, listener) => { listeners.set(channel, [...(listeners.get(channel) ?? []), listener]); },
      off: (channel, listener) => { listeners.set(channel, (listeners.get(channel) ?? []).filter((known) => known !== listener)); },
    },
  };
  const require = (name) => {
    if (name === 'electron') return electron;
    throw new Error('module not found: ' + name);
  };
  const module = { exports: {} };
  (function (require, module, exports) {\n${preload}\n})(require, module, module.exports);
})();`;
}
