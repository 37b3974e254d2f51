// What stands on the window: whose it is, so that several are told apart, in the language of whoever reads it.
import { session } from './session.svelte';
import { t } from './text/text.svelte';

const SHORT = ['vault', 'confirm', 'reveal'];

function title(page: string): string {
  const { name, organisation, state } = session.now;
  if (SHORT.includes(page)) return `${t(`title-${page}`)} · ${t('product')}`;
  const whose = state === 'open' ? [name, page === 'desk' ? organisation : t('place-inbox')] : [];
  return [...whose, t('product')].filter(Boolean).join(' · ');
}

/** The shell shows the title of the page on its window, and follows it. */
export function entitle(page: string) {
  $effect.root(() => {
    $effect(() => {
      document.title = title(page);
    });
  });
}
