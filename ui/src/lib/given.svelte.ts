// What the application was asked to open, for this profile, and what is dropped on its window: each place takes its own.
import { call, listen } from '$host';

export interface Given {
  files: string[];
  letters: string[];
  cards: string[];
  link: string | null;
}

export const given: Given = $state({ files: [], letters: [], cards: [], link: null });

/** Paths that were dropped: whoever drops a file has said what is to be done with it. */
export const dropped: { paths: string[] } = $state({ paths: [] });

/** Asks for what waits. Of a link the page is told its relay, one at a time; the core keeps it. */
export async function askForGiven() {
  const came = await call('session/given', {});
  given.files.push(...came.files);
  given.letters.push(...came.letters);
  given.cards.push(...came.cards);
  given.link = came.link ?? given.link;
}

/** Asks now, and whenever something comes. */
export function followGiven() {
  $effect(() => {
    const ask = () => askForGiven().catch(() => {});
    void ask();
    return listen('given', () => void ask());
  });
}
