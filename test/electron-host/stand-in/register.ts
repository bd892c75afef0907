/**
 * `node --import …/register.ts out/main/desktop.js` runs the built desktop on a stand-in for Electron: every `electron`
 * that is imported or required, by whatever file, is the one made here. Its windows are pages of a real Chromium.
 */
import { registerHooks } from 'node:module';
import { createElectron } from './electron.ts';
import { answerTest } from './remote.ts';

const address = 'stand-in:electron';
const shared = Symbol.for('bulkhead.electron-stand-in');
const electron = await createElectron();
Object.assign(globalThis, { [shared]: electron.module });

registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: address, shortCircuit: true } : next(specifier, context)),
  load: (url, context, next) => {
    if (url !== address) return next(url, context);
    const names = Object.keys(electron.module).join(', ');
    const source = `const electron = globalThis[Symbol.for('bulkhead.electron-stand-in')];\nexport const { ${names} } = electron;\nexport default electron;\n`;
    return { format: 'module', source, shortCircuit: true };
  },
});

answerTest(electron);
// Electron is ready only after the main file has run
setImmediate(() => setTimeout(electron.becomeReady, 50));
