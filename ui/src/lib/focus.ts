// Focus is never lost: where what had it is gone, whatever fills the screen takes it, and the next Tab goes on in there.
export function keepFocus() {
  let last: Element | null = null;
  addEventListener('focusin', (event) => (last = event.target instanceof Element ? event.target : null));
  const look = () => {
    if (document.activeElement !== document.body || !last || last.isConnected) return;
    last = null;
    const room = document.querySelector<HTMLElement>('dialog[open]') ?? document.querySelector<HTMLElement>('main');
    if (!room) return;
    if (!room.hasAttribute('tabindex')) room.tabIndex = -1;
    room.focus();
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}
