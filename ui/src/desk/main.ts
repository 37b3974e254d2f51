import { begin } from '$lib/begin';
import App from './App.svelte';

begin(App);
