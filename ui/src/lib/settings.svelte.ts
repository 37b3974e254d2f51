// How windows look: read from the host, followed when it changes.
import { call, listen } from '$host';
import type { Settings } from './contract';
import { speak } from './text/text.svelte';

export const settings: { now: Settings } = $state({
  now: { theme: 'system', language: 'system', zoom: 100, idle_minutes: 10, notify: true },
});

// Whoever asked the whole system for more contrast has asked here too.
const contrast = matchMedia('(prefers-contrast: more)');
const themed = () => {
  const { theme } = settings.now;
  document.documentElement.dataset.theme = theme === 'system' && contrast.matches ? 'contrast' : theme;
};
contrast.addEventListener('change', themed);

function apply(next: Settings) {
  settings.now = next;
  const root = document.documentElement;
  themed();
  root.style.setProperty('--zoom', String(next.zoom / 100));
  speak(next.language === 'system' ? navigator.language : next.language);
}

export async function follow() {
  speak(navigator.language);
  const read = async () => apply(await call('session/settings', {}));
  listen('settings', () => void read());
  try {
    await read();
  } catch {
    // Without settings the page still speaks and shows; the next call tells what is wrong.
  }
}

export async function change(next: Partial<Settings>) {
  apply(await call('session/change_settings', { ...settings.now, ...next }));
}
