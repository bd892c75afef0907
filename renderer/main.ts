import { connect, openPageWire } from '../electron/contract/index.ts';
import { startScreens } from './app/start.ts';

startScreens(connect(() => openPageWire(window)), '#app');
