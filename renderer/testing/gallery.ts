import { startScreens } from '../app/start.ts';
import { createFakeClient } from './fake-client.ts';
import { isScenario } from './scenarios.ts';

/** The screens over a made-up cluster: `gallery.html?scenario=running#/database`. Not part of the product. */
const asked = new URLSearchParams(location.search).get('scenario') ?? 'running';
startScreens(createFakeClient(isScenario(asked) ? asked : 'running'), '#app');
