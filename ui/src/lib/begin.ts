// What every page does first: settings and language, then its own component.
import '$lib/style/tokens.css';
import '$lib/style/base.css';

import { mount, type Component } from 'svelte';

import { call } from '$host';
import { keepFocus } from './focus';
import { follow } from './settings.svelte';

/** What a page must know before it shows anything is asked for together with the settings. */
export async function begin(App: Component, first: () => Promise<void> = async () => {}) {
  const target = document.getElementById('app');
  if (!target) return;
  // What could not be asked is asked again by the page itself, which says what is wrong.
  await Promise.allSettled([follow(), first()]);
  mount(App, { target });
  keepFocus();
  for (const event of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
    addEventListener(event, present, { passive: true, capture: true });
  }
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
