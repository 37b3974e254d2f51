// A hundred thousand keys in the list: the page draws only what is seen, and no frame is late for it.
import { watch } from './looks.mjs';

const COUNT = 100_000;
const STATES = ['active', 'sealed', 'handed-over', 'opened', 'revoked'];

const rows = (from, limit) =>
  Array.from({ length: Math.max(0, Math.min(limit, COUNT - from)) }, (_, at) => {
    const number = from + at;
    return {
      id: String(number).padStart(26, '0'), holder: `Partner ${number % 977}`, service: ['shipments', 'billing'][number % 2], environment: 'production',
      scopes: ['shipments:read'], state: STATES[number % STATES.length], not_after: 1_900_000_000 + (number % 9000) * 3600, legacy: number % 7 === 0,
      stop: null, request: null, next: null, reported: null,
    };
  });

/** The longest gap between two frames while something happens, in ms. */
const gap = (page, act) =>
  page.evaluate(async (act) => {
    const scroller = document.querySelector('main .scroller');
    const frame = () => new Promise(requestAnimationFrame);
    let longest = 0;
    let before = await frame();
    for (let step = 0; step < 90; step += 1) {
      if (act === 'scroll') scroller.scrollTop += 2_400;
      const now = await frame();
      longest = Math.max(longest, now - before);
      before = now;
    }
    return Math.round(longest);
  }, act);

export async function scroll(world, browser, at) {
  const heard = [];
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await watch(page, heard);
  // The rows stand in for a ledger of that size, which would take longer to write than all tests together.
  await page.route('**/call/desk/keys/list', async (route) => {
    const wish = route.request().postDataJSON();
    await route.fulfill({ json: rows(wish.offset, wish.limit) });
  });
  await world.alice.look({});
  await page.goto(`${world.alice.address}/desk.html`);
  await at(page, 'keys');
  await page.locator(`table[aria-rowcount="${COUNT + 1}"]`).waitFor({ timeout: 60_000 });
  const [still, moving] = [await gap(page, 'rest'), await gap(page, 'scroll')];
  const drawn = await page.locator('main tbody tr[aria-rowindex]').count();
  const typing = await page.evaluate(async () => {
    const search = document.querySelector('input[type=search]');
    const begin = performance.now();
    search.value = 'partner 97';
    search.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return Math.round(performance.now() - begin);
  });
  const left = Number(await page.locator('table[aria-rowcount]').first().getAttribute('aria-rowcount')) - 1;
  console.log(`scroll: ${COUNT} keys, ${drawn} rows drawn, longest frame gap ${moving} ms (at rest ${still} ms), filter ${typing} ms to ${left} rows`);
  const flaws = [...heard];
  if (drawn > 120) flaws.push(`${drawn} rows are drawn, though a window shows thirty`);
  if (moving > still + 50) flaws.push(`a frame was ${moving} ms late while scrolling, ${still} ms at rest`);
  if (left === 0 || left >= COUNT) flaws.push(`the filter left ${left} rows`);
  for (const flaw of flaws) console.log(flaw);
  return flaws.length > 0 ? 1 : 0;
}
