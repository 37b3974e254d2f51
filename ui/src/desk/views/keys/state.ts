// Which keys live, and how their state looks.
import type { KeyView } from '$lib/contract';

const OVER = ['revoked', 'abandoned', 'expired', 'stopped'];

export const live = (key: KeyView) => !OVER.includes(key.state) && !(key.not_after && key.not_after * 1000 < Date.now());

export function keyTone(key: KeyView): 'plain' | 'good' | 'accent' | 'warning' | 'bad' {
  if (key.stop) return 'warning';
  if (key.state === 'active') return 'good';
  if (OVER.includes(key.state)) return 'plain';
  return 'accent';
}
