// What every page does first: settings and language, then its own component.
import '$lib/style/tokens.css';
import '$lib/style/base.css';

import { mount, type Component } from 'svelte';

import { follow } from './settings.svelte';

export async function begin(App: Component) {
  const target = document.getElementById('app');
  if (!target) return;
  await follow();
  mount(App, { target });
}
