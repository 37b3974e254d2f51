// What can be done right now, offered by whichever screens are open, for the palette and the list of keys.
export interface Action {
  id: string;
  title: string;
  act: () => unknown;
  /** The key that does it, where there is one. */
  key?: string;
}

const offers: { all: (() => Action[])[] } = $state({ all: [] });

export const actions = () => offers.all.flatMap((offer) => offer());

/** Call it while a component is set up; it ends with the component. */
export function offer(make: () => Action[]) {
  $effect(() => {
    offers.all = [...offers.all.filter((each) => each !== make), make];
    return () => {
      offers.all = offers.all.filter((each) => each !== make);
    };
  });
}

/** Whether a key press is a command: nobody is typing, and no dialog is open. */
export function commands(event: KeyboardEvent): boolean {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
  return !typing && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector('dialog[open]');
}
