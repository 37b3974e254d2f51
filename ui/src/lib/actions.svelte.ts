// What can be done right now, offered by whichever screens are open, for the palette and the list of keys.
import { untrack } from 'svelte';

export interface Action {
  id: string;
  title: string;
  act: () => unknown;
  /** The key that does it, where there is one. */
  key?: string;
}

let offered: (() => Action[])[] = $state.raw([]);

export const actions = () => offered.flatMap((offer) => offer());

/** Call it while a component is set up; it ends with the component. */
export function offer(make: () => Action[]) {
  $effect(() => {
    // Offering must not depend on what others offer.
    const without = () => untrack(() => offered.filter((each) => each !== make));
    offered = [...without(), make];
    return () => {
      offered = without();
    };
  });
}

/** Whether a key press is a command: nobody is typing, and no dialog is open. */
export function commands(event: KeyboardEvent): boolean {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
  return !typing && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector('dialog[open]');
}
