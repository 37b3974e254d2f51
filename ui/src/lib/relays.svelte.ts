// Which organisations are reached through a relay. Call it while a component is set up.
import { call } from '$host';

import { load } from './load.svelte';

export function relays() {
  const state = load(() => call('relay/state', {}));
  return {
    /** Whether there is any. */
    get any() {
      return (state.value?.relays ?? []).length > 0;
    },
    /** Whether an organisation, by its id or its name, has one. */
    has: (organisation: string | undefined) =>
      (state.value?.relays ?? []).some((each) => each.organisation === organisation || each.name === organisation),
  };
}
