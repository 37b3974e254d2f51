import { begin } from '$lib/begin';
import { refresh } from '$lib/session.svelte';
import App from './App.svelte';

begin(App, refresh);
