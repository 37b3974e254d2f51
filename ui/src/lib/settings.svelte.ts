// How windows look: read from the host, followed when it changes.
import { call, listen } from '$host';
import type { Settings } from './contract';
import { speak } from './text/text.svelte';

export const settings: { now: Settings } = $state({
  now: { theme: 'system', language: 'system', zoom: 100, idle_minutes: 10, notify: true, key_columns: [] },
});

// Whoever asked the whole system for more contrast has asked here too.
const contrast = matchMedia('(prefers-contrast: more)');
const themed = () => {
  const { theme } = settings.now;
  document.documentElement.dataset.theme = theme === 'system' && contrast.matches ? 'contrast' : theme;
};
contrast.addEventListener('change', themed);

async function apply(next: Settings) {
  settings.now = next;
  const root = document.documentElement;
  themed();
  root.style.setProperty('--zoom', String(next.zoom / 100));
  await speak(next.language === 'system' ? navigator.language : next.language);
}

export async function follow() {
  const read = async () => apply(await call('session/settings', {}));
  listen('settings', () => void read());
  // Without settings the page still speaks and shows; the next call tells what is wrong.
  await Promise.allSettled([speak(navigator.language), read()]);
}

/** The steps there are, in per cent. */
export const ZOOMS = [80, 90, 100, 110, 125, 150, 175, 200];

/** One step larger or smaller, or back to 100 %. */
export async function zoom(step: -1 | 0 | 1) {
  const now = settings.now.zoom;
  const next = step === 0 ? 100 : step > 0 ? ZOOMS.find((each) => each > now) : [...ZOOMS].reverse().find((each) => each < now);
  if (next && next !== now) await apply(await call('session/zoom', { percent: next }));
}

export async function change(next: Partial<Settings>) {
  await apply(await call('session/change_settings', { ...settings.now, ...next }));
}
