// What every page does first: settings and language, then its own component.
import '$lib/style/tokens.css';
import '$lib/style/base.css';

import { mount, type Component } from 'svelte';

import { call } from '$host';
import { keepFocus } from './focus';
import { follow, zoom } from './settings.svelte';
import { entitle } from './title.svelte';

/** What a page must know before it shows anything is asked for together with the settings. */
export async function begin(App: Component, first: () => Promise<void> = async () => {}) {
  const target = document.getElementById('app');
  if (!target) return;
  // What could not be asked is asked again by the page itself, which says what is wrong.
  await Promise.allSettled([follow(), first()]);
  mount(App, { target });
  keepFocus();
  entitle(location.pathname.replace(/^\/|\.html$/g, ''));
  addEventListener('keydown', zooms);
  for (const event of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
    addEventListener(event, present, { passive: true, capture: true });
  }
}

const STEPS: Record<string, -1 | 0 | 1> = { '+': 1, '=': 1, '-': -1, '0': 0 };

/** Ctrl and +, - or 0, as in a browser, in every window. */
function zooms(event: KeyboardEvent) {
  const step = STEPS[event.key];
  if (step === undefined || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  zoom(step).catch(() => {});
}

/** A profile locks when nobody is there; whoever reads or types without a call is. */
const SECONDS = 20;
let told = 0;

function present() {
  const now = performance.now();
  if (told > 0 && now - told < SECONDS * 1000) return;
  told = now;
  call('session/active', {}).catch(() => {});
}
