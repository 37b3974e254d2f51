// Which keys live, and how their state looks.
import type { KeyView } from '$lib/contract';

const OVER = ['revoked', 'abandoned', 'expired', 'stopped'];

export const live = (key: KeyView) => !OVER.includes(key.state) && !(key.not_after && key.not_after * 1000 < Date.now());

export function keyTone(key: KeyView): 'plain' | 'good' | 'accent' | 'warning' | 'bad' {
  if (key.stop && key.state !== 'revoked') return 'warning';
  if (key.state === 'active') return 'good';
  if (OVER.includes(key.state)) return 'plain';
  return 'accent';
}

const MONTH = 30 * 24 * 3600 * 1000;

/** Disabled, and its issuer confirmed it. */
export const off = (key: KeyView) => !!key.stop?.startsWith('disabling confirmed');
/** Ordered to stop, and nobody has confirmed it. */
export const stopped = (key: KeyView) => key.stop !== null && key.state !== 'revoked' && !off(key);

/** Ordered to stop, and the ledger does not know it yet. */
export const unrecorded = (key: KeyView) => !!key.stop?.endsWith('not yet on the record');

/** How far a key is, as lists say it: one word. */
export const shownState = (key: KeyView) =>
  !key.stop || key.state === 'revoked' ? key.state : off(key) ? 'disabled' : 'stopping';

/** The queues of keys: what ends soon, what was never vetted, what is being ended, what is over. */
export const QUEUES = {
  renew: (key: KeyView) => live(key) && !key.stop && !!key.not_after && key.not_after * 1000 < Date.now() + MONTH,
  replace: (key: KeyView) => live(key) && !key.stop && key.legacy,
  stopping: (key: KeyView) => stopped(key) || off(key),
  active: (key: KeyView) => key.state === 'active' && !key.stop,
  over: (key: KeyView) => !live(key),
};
export type Queue = keyof typeof QUEUES;
