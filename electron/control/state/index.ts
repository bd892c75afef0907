export { openState, type State } from './open-state.ts';
export { readSetting, writeSetting } from './settings.ts';
