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
  id: String(number).padStart(26, '0'), holder: `Partner ${number % 977}`, holder_id: String(number % 977).padStart(64, '0'),
  class: ['read', 'write', 'admin'][number % 3], service: ['shipments', 'billing'][number % 2], environment: 'production',
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

/** The same for a query with terms. */
const kept = (passes) => rows(0, COUNT).filter(passes).length;
const QUERIES = [
  ['service:shipments state:active', (key) => key.service === 'shipments' && key.state === 'active'],
  ['partner:"partner 97" class:admin', (key) => key.holder.toLowerCase().includes('partner 97') && key.class === 'admin'],
  ['env:production ends:>90d', (key) => key.state !== 'revoked'],
  ['ends:<30d', () => false],
  ['is:over legacy', (key) => key.state === 'revoked' && key.legacy],
  // A term that nobody understands hides nothing.
  ['ends:soon service:billing', (key) => key.service === 'billing'],
];

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
  for (const [query, passes] of QUERIES) {
    await search.fill(query);
    const count = kept(passes);
    await counted(page, count).catch(async () => flaws.push(`"${query}" leaves ${Number(await index(page).getAttribute('aria-rowcount')) - 1} rows, not ${count}`));
  }
  await search.fill('');
  await counted(page, COUNT);
  await page.evaluate(() => { document.querySelector('main .scroller').scrollTop = 0; });
  const press = (column) => page.getByRole('columnheader', { name: say(column) }).getByRole('button').click();
  // Two rows: orders may have the first in common, and what follows chooses among rows that have come to rest.
  const begins = async (how, ...two) => {
    const holders = two.map(({ holder }) => holder);
    const stand = (holders) => holders.every((holder, at) => document.querySelector(`main .scroller tr[aria-rowindex="${at + 2}"]`)?.cells[0].textContent === holder);
    const shows = await page.waitForFunction(stand, holders, { timeout: 30_000 }).then(() => true, () => false);
    if (!shows) flaws.push(`${how}, ${holders} are not first`);
  };
  await begins('at first', order[0], order[1]);
  await press('partner');
  await begins('by partner', row(0), row(977));
  await press('partner');
  await begins('by partner, falling', ...[...order].sort((a, b) => (a.holder.toLowerCase() < b.holder.toLowerCase() ? 1 : -1)).slice(0, 1));
  await press('partner');
  await begins('in the order of the ledger', row(0), row(1));
  await press('ends');
  await begins('by their ends', order[0], order[1]);
}

/** Rows that are chosen together: with Ctrl, with Shift, with the space bar, and all of them. */
async function chosen(page, flaws) {
  const line = (at) => page.locator(`main .scroller tr[aria-rowindex="${at + 2}"]`);
  const says = async (how, count) => {
    const sum = page.getByText(say('marked-count', { count }), { exact: true });
    await sum.waitFor({ timeout: 10_000 }).catch(async () => {
      const rows = await page.locator('main .scroller tr[aria-selected="true"]').evaluateAll((all) => all.map((row) => row.ariaRowIndex));
      flaws.push(`${how}: ${count} keys should be chosen, and rows ${rows} are`);
    });
  };
  await line(1).click();
  await line(3).click({ modifiers: ['Control'] });
  await says('a click and one with Ctrl', 2);
  await line(6).click({ modifiers: ['Shift'] });
  await says('Shift from there', 4);
  await page.locator('main .scroller').focus();
  await page.keyboard.press('Shift+ArrowDown');
  await says('Shift and an arrow', 5);
  await page.keyboard.press('Space');
  await says('the space bar takes one away', 4);
  await page.keyboard.press('Control+a');
  await says('all of them', COUNT);
  await page.keyboard.press('ArrowUp');
  await page.getByRole('button', { name: say('report-open') }).waitFor({ state: 'hidden' });
  await line(1).click();
  await line(3).click({ modifiers: ['Shift'] });
  await says('three in a row', 3);
  await page.locator('input[type=search]').first().fill('partner 97');
  await page.getByText(say('marked-count', { count: 3 }), { exact: true }).waitFor({ state: 'hidden', timeout: 10_000 })
    .catch(() => flaws.push('what is sifted is still chosen: nobody may revoke what they do not see'));
  await page.locator('input[type=search]').first().fill('');
  await counted(page, COUNT);
}

/** A ledger of 501 entries, in pages as short as a host may make them: the list has all of them. */
async function whole(page, at, flaws) {
  const ENTRIES = 501;
  await page.route('**/call/desk/ledger/entries', async (route) => {
    const { from } = route.request().postDataJSON();
    const many = Math.max(0, Math.min(100, ENTRIES - from));
    const entry = (seq) => ({ seq, time: 1_700_000_000 + seq, by: 'Alice Example', event: 'founded', op_id: String(seq), digest: String(seq), body: '{}' });
    await route.fulfill({ json: Array.from({ length: many }, (_, each) => entry(from + each)) });
  });
  await at(page, 'ledger');
  await counted(page, ENTRIES).catch(async () => flaws.push(`the ledger shows ${Number(await index(page).getAttribute('aria-rowcount')) - 1} entries, not ${ENTRIES}`));
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
  await chosen(page, flaws);
  const drawn = await page.locator('main tbody tr[aria-rowindex]').count();
  const empty = await context.newPage();
  const gaps = { empty: await gap(empty, 'rest') };
  await empty.close();
  await page.bringToFront();
  for (const act of ['rest', 'glide', 'leap', 'type']) {
    await page.evaluate(() => { document.querySelector('main .scroller').scrollTop = 0; });
    gaps[act] = await gap(page, act);
  }
  await whole(page, at, flaws);
  console.log(`scroll: ${COUNT} keys, ${drawn} rows drawn, longest frame gap in ms: ${Object.entries(gaps).map(([act, ms]) => `${act} ${ms}`).join(', ')}`);
  flaws.push(...heard);
  if (drawn > 120) flaws.push(`${drawn} rows are drawn, though a window shows thirty`);
  for (const act of ['glide', 'leap', 'type']) {
    if (judged && gaps[act] > gaps.empty + MOST_LATE) flaws.push(`${act}: a frame came after ${gaps[act]} ms, on an empty page after ${gaps.empty} ms`);
  }
  for (const flaw of flaws) console.log(flaw);
  return flaws.length > 0 ? 1 : 0;
}
