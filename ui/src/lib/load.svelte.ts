// Something the core knows, asked again whenever content changes. What a screen shows is never older than the last change.
import { untrack } from 'svelte';

import { listen } from '$host';

import type { Failure } from './contract';
import { failure } from './host/host';

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly failure: Failure | undefined;
  readonly again: () => Promise<void>;
}

/** How many first answers are still awaited: what is not known yet is neither empty nor none. */
export const awaited = $state({ count: 0 });

/** Call it while a component is set up; it stops with the component. */
export function load<T>(ask: () => Promise<T>): Loaded<T> {
  let value: T | undefined = $state.raw();
  let problem: Failure | undefined = $state.raw();
  let turn = 0;
  let first = true;

  function settle() {
    if (first) awaited.count -= 1;
    first = false;
  }

  async function again() {
    const mine = ++turn;
    try {
      const answer = await ask();
      if (mine !== turn) return;
      value = answer;
      problem = undefined;
    } catch (error) {
      if (mine === turn) problem = failure(error);
    }
    settle();
  }

  $effect(() => {
    if (first) untrack(() => (awaited.count += 1));
    void again();
    const stop = listen('content', () => void again());
    return () => {
      settle();
      stop();
    };
  });

  return {
    get value() {
      return value;
    },
    get failure() {
      return problem;
    },
    again,
  };
}
