import { startScreens } from '../app/start.ts';
import { writePreference } from '../stores/preferences.ts';
import { createFakeClient } from './fake-client.ts';
import { isScenario } from './scenarios.ts';

/** The screens over a made-up cluster: `gallery.html?scenario=running#/database`. Not part of the product. */
const asked = new URLSearchParams(location.search).get('scenario') ?? 'running';
writePreference('cluster', asked.startsWith('lan') ? 'berlin' : 'demo');
startScreens(createFakeClient(isScenario(asked) ? asked : 'running'), '#app');
