// Focus is never lost. Where what had it is gone, whatever fills the screen takes it, and the next Tab goes on in there;
// where a list was put in another order, and a page let go of what it moved, the same thing has it again.

/** Nothing has the focus: whatever fills the screen takes it. */
export function homeless() {
  if (document.activeElement !== document.body) return;
  const room = document.querySelector<HTMLElement>('dialog[open]') ?? document.querySelector<HTMLElement>('main');
  if (!room) return;
  if (!room.hasAttribute('tabindex')) room.tabIndex = -1;
  room.focus();
}

export function keepFocus() {
  let last: HTMLElement | null = null;
  addEventListener('focusin', (event) => (last = event.target instanceof HTMLElement ? event.target : null));
  const look = (changes: MutationRecord[]) => {
    const had = last;
    if (document.activeElement !== document.body || !had) return;
    if (!had.isConnected || had.matches(':disabled')) {
      last = null;
      homeless();
    } else if (changes.some((change) => [...change.removedNodes].some((node) => node.contains(had)))) {
      had.focus();
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
}
