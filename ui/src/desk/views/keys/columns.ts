// Which columns the list of keys can show, and which it shows.
import type { KeyView } from '$lib/contract';
import type { Column } from '$lib/kit/Table.svelte';
import { settings } from '$lib/settings.svelte';
import { t } from '$lib/text/text.svelte';
import { live, off, shownState, stopped } from './state';

const OVER = Number.MAX_SAFE_INTEGER;
// What may still work though it must not comes first, then what waits to be ended for good, then what ends first; what is
// over comes last.
const turn = (key: KeyView) => (stopped(key) ? 0 : off(key) ? 1 : live(key) ? (key.not_after ?? OVER - 1) : OVER);
const CLASSES = ['admin', 'unknown', 'write', 'read'];

interface Choice {
  key: string;
  title: string;
  /** How wide beside the others. */
  share: number;
  sort?: (row: KeyView) => string | number;
}

/** Beside the partner, which every row begins with. In the order in which they stand. */
const CHOICES: Choice[] = [
  { key: 'service', title: 'service', share: 23, sort: (row) => `${row.service} ${row.environment}` },
  { key: 'environment', title: 'environment', share: 14, sort: (row) => row.environment },
  { key: 'scopes', title: 'scopes', share: 20 },
  { key: 'class', title: 'reach-class', share: 13, sort: (row) => CLASSES.indexOf(row.class) },
  { key: 'state', title: 'state', share: 18, sort: shownState },
  { key: 'next', title: 'next-step', share: 22 },
  { key: 'ends', title: 'ends', share: 18, sort: turn },
  { key: 'id', title: 'key', share: 14, sort: (row) => row.id },
];
export const CHOOSABLE = CHOICES.map(({ key, title }) => ({ key, title }));
const USUAL = ['service', 'scopes', 'state', 'ends'];
const HOLDER_SHARE = 21;

export const shownColumns = () => (settings.now.key_columns.length > 0 ? settings.now.key_columns : USUAL);

/** The columns as the table takes them: together they are as wide as it is. */
export function columns(): Column<KeyView>[] {
  const shown = CHOICES.filter((each) => shownColumns().includes(each.key));
  const whole = shown.reduce((sum, each) => sum + each.share, HOLDER_SHARE);
  const width = (share: number) => `${((share / whole) * 100).toFixed(2)}%`;
  return [
    { key: 'holder', title: t('partner'), width: width(HOLDER_SHARE), sort: (row) => row.holder.toLowerCase() },
    ...shown.map(({ key, title, share, sort }) => ({ key, title: t(title), width: width(share), ...(sort && { sort }) })),
  ];
}
