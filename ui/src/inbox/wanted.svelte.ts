// What a person wants done, whichever place does it: from the palette, the list of what is due, or a file that came.
import { untrack } from 'svelte';

/** Where each is done. */
export const PLACE = {
  inspect: 'inbox', save: 'inbox', reveal: 'inbox', copy: 'inbox', receipt: 'inbox', report: 'inbox',
  ask: 'asks', renew: 'asks', revise: 'asks', withdraw: 'asks', read: 'asks',
  pin: 'organisations',
} as const;
export type What = keyof typeof PLACE;

export interface Wanted {
  what: What;
  /** Of which key or request. */
  id?: string;
  /** With which files. */
  files?: string[];
}

let now: Wanted | null = $state.raw(null);

export const wanted = {
  get now() {
    return now;
  },
};

export function want(what: What, more: Omit<Wanted, 'what'> = {}) {
  now = { what, ...more };
}

/** A place takes what is wanted of it, once. Call it while a component is set up; `ready` says when it can. */
export function serve(place: string, ready: () => boolean, act: (wish: Wanted) => void) {
  $effect(() => {
    const wish = now;
    if (!wish || PLACE[wish.what] !== place || !ready()) return;
    untrack(() => {
      now = null;
      act(wish);
    });
  });
}
