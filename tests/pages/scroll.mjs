// A hundred thousand keys in the list: the page draws only what is seen, the right rows are where they belong, and no
// frame is late for it. How late is printed always and judged where the machine is the test's own: in a soak or a bench.
import { watch } from './looks.mjs';
import { say } from './texts.mjs';
import { soak } from './views.mjs';

const COUNT = 100_000;
const MOST_LATE = 50;
const FRAMES = 90;
const STATES = ['active', 'sealed', 'handed-over', 'opened', 'revoked'];
const judged = soak || process.env.COUNTERSIGN_BENCH !== undefined;

const row = (number) => ({
  id: String(number).padStart(26, '0'), holder: `Partner ${number % 977}`, service: ['shipments', 'billing'][number % 2], environment: 'production',
  scopes: ['shipments:read'], state: STATES[number % STATES.length], not_after: 1_900_000_000 + ((number * 7919) % 9000) * 3600, legacy: number % 7 === 0,
  stop: null, request: null, next: null, reported: null,
});
const rows = (from, limit) => Array.from({ length: Math.max(0, Math.min(limit, COUNT - from)) }, (_, at) => row(from + at));

/** The rows as the list shows them first: what ends first, then what is over. Equal ones keep the ledger's order. */
const ends = ({ state, not_after }) => (state === 'revoked' ? Infinity : not_after);
const order = rows(0, COUNT).sort((a, b) => (ends(a) === ends(b) ? 0 : ends(a) - ends(b)));

/** How many rows a filter leaves, worked out apart from the page. */
const left = (words) => {
  let count = 0;
  for (let number = 0; number < COUNT; number += 1) {
    const { id, holder, service, environment, scopes, state, legacy } = row(number);
    const hay = `${id} ${holder} ${service} ${environment} ${scopes[0]} ${state} ${legacy ? 'legacy' : ''}`.toLowerCase();
    if (words.every((word) => hay.includes(word))) count += 1;
  }
  return count;
};

/** The longest gap between two frames while something happens, and how many frames took longer than 50 ms; in ms. */
const gap = (page, act) =>
  page.evaluate(async ({ act, frames }) => {
    const scroller = document.querySelector('main .scroller');
    const search = document.querySelector('input[type=search]');
    const frame = () => new Promise(requestAnimationFrame);
    const words = 'partner 97 shipments active';
    await frame();
    let longest = 0;
    let before = await frame();
    for (let step = 0; step < frames; step += 1) {
      if (act === 'leap') scroller.scrollTop += 2_400;
      if (act === 'glide') scroller.scrollTop += 90;
      if (act === 'type' && step % 3 === 0) {
        search.value = words.slice(0, 1 + (step / 3) % words.length);
        search.dispatchEvent(new Event('input', { bubbles: true }));
      }
      const now = await frame();
      longest = Math.max(longest, now - before);
      before = now;
    }
    return Math.round(longest);
  }, { act, frames: FRAMES });

const index = (page) => page.locator('main table[aria-rowcount]').first();
const counted = (page, count) => page.locator(`main table[aria-rowcount="${count + 1}"]`).waitFor({ timeout: 60_000 });

/** The row at a place of the table, by what is drawn there. */
async function seen(page, place) {
  return page.evaluate((place) => {
    const scroller = document.querySelector('main .scroller');
    const row = scroller.querySelector(`tbody tr[aria-rowindex="${place + 2}"]`);
    if (!row) return null;
    const [edge, box, head] = [scroller.getBoundingClientRect(), row.getBoundingClientRect(), scroller.querySelector('thead').getBoundingClientRect()];
    return { text: row.cells[0].textContent, whole: box.top >= head.bottom - 1 && box.bottom <= edge.bottom + 1 };
  }, place);
}

async function right(page, flaws) {
  for (const [where, place] of [['top', 0], ['middle', COUNT / 2], ['end', COUNT - 1]]) {
    await page.evaluate((part) => { const scroller = document.querySelector('main .scroller'); scroller.scrollTop = scroller.scrollHeight * part; }, place / COUNT);
    const found = await page.waitForFunction((place) => document.querySelector(`main .scroller tr[aria-rowindex="${place + 2}"]`) !== null, place, { timeout: 5_000 }).then(() => seen(page, place), () => null);
    if (!found) flaws.push(`at the ${where}: row ${place} is not drawn`);
    else if (found.text !== order[place].holder) flaws.push(`at the ${where}: row ${place} says ${found.text}, not ${order[place].holder}`);
    else if (where !== 'middle' && !found.whole) flaws.push(`at the ${where}: row ${place} is not whole on the screen`);
  }
  const search = page.locator('input[type=search]').first();
  for (const words of ['partner 97', 'legacy', 'revoked billing', 'nobody at all', '']) {
    await search.fill(words);
    const count = left(words.split(' ').filter(Boolean));
    await counted(page, count).catch(async () => flaws.push(`"${words}" leaves ${Number(await index(page).getAttribute('aria-rowcount')) - 1} rows, not ${count}`));
  }
  await page.evaluate(() => { document.querySelector('main .scroller').scrollTop = 0; });
  const press = (column) => page.getByRole('columnheader', { name: say(column) }).getByRole('button').click();
  const begins = async (how, { holder }) => {
    const shows = await page.waitForFunction((holder) => document.querySelector('main .scroller tr[aria-rowindex="2"]')?.cells[0].textContent === holder, holder, { timeout: 30_000 }).then(() => true, () => false);
    if (!shows) flaws.push(`${how}, ${holder} is not first`);
  };
  await begins('at first', order[0]);
  await press('partner');
  await begins('by partner', row(0));
  await press('partner');
  await begins('by partner, falling', [...order].sort((a, b) => (a.holder.toLowerCase() < b.holder.toLowerCase() ? 1 : -1))[0]);
  await press('partner');
  await begins('in the order of the ledger', row(0));
  await press('ends');
  await begins('by their ends', order[0]);
}

export async function scroll(world, browser, at) {
  const heard = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await watch(page, heard);
  // The rows stand in for a ledger of that size, which would take longer to write than all tests together.
  await page.route('**/call/desk/keys/list', async (route) => {
    const wish = route.request().postDataJSON();
    await route.fulfill({ json: rows(wish.offset, wish.limit) });
  });
  await world.alice.look({});
  await page.goto(`${world.alice.address}/desk.html`);
  await at(page, 'keys');
  await counted(page, COUNT);
  const flaws = [];
  await right(page, flaws);
  const drawn = await page.locator('main tbody tr[aria-rowindex]').count();
  const empty = await context.newPage();
  const gaps = { empty: await gap(empty, 'rest') };
  await empty.close();
  await page.bringToFront();
  for (const act of ['rest', 'glide', 'leap', 'type']) {
    await page.evaluate(() => { document.querySelector('main .scroller').scrollTop = 0; });
    gaps[act] = await gap(page, act);
  }
  console.log(`scroll: ${COUNT} keys, ${drawn} rows drawn, longest frame gap in ms: ${Object.entries(gaps).map(([act, ms]) => `${act} ${ms}`).join(', ')}`);
  flaws.push(...heard);
  if (drawn > 120) flaws.push(`${drawn} rows are drawn, though a window shows thirty`);
  for (const act of ['glide', 'leap', 'type']) {
    if (judged && gaps[act] > gaps.empty + MOST_LATE) flaws.push(`${act}: a frame came after ${gaps[act]} ms, on an empty page after ${gaps.empty} ms`);
  }
  for (const flaw of flaws) console.log(flaw);
  return flaws.length > 0 ? 1 : 0;
}
