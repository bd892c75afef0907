import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, watchEffect } from 'vue';
import { readPreference, writePreference } from './preferences.ts';

export type ThemeChoice = 'system' | 'dark' | 'light';
export const themeChoices: readonly ThemeChoice[] = ['system', 'dark', 'light'];

/** Dark or light, by choice or as the system says. */
export const useTheme = defineStore('theme', () => {
  const stored = readPreference('theme');
  const choice = ref<ThemeChoice>(themeChoices.find((known) => known === stored) ?? 'system');
  const system = matchMedia('(prefers-color-scheme: light)');
  const systemIsLight = ref(system.matches);
  const follow = (event: MediaQueryListEvent): void => {
    systemIsLight.value = event.matches;
  };
  system.addEventListener('change', follow);
  onScopeDispose(() => system.removeEventListener('change', follow));

  const shown = computed(() => (choice.value === 'system' ? (systemIsLight.value ? 'light' : 'dark') : choice.value));
  watchEffect(() => {
    document.documentElement.dataset['theme'] = shown.value;
  });

  function choose(theme: ThemeChoice): void {
    choice.value = theme;
    writePreference('theme', theme);
  }
  return { choice, shown, choose };
});
