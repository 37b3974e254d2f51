// Hostile texts in every field of a partner that takes them, on every screen that shows them.
import { readFileSync } from 'node:fs';

import { deceiving, payloads } from './payloads.mjs';
import { layout, settled, watch } from './looks.mjs';
import { say } from './texts.mjs';
import { numbers, seed, soak } from './views.mjs';

const LEAST = 400;
const lines = ['company', 'person', 'role', 'incident_contact'];
const prose = ['why', 'workflow', 'usage', 'data', 'safeguards'];
const filled = (fields, text) => Object.fromEntries(fields.map((field) => [field, text]));
const answers = (text) => ({ answers: [['storage', text], ['subcontractors', text]] });
// A short name, an address, a network: what these take cannot hold markup, and is refused where it is tried.
const strict = (text) => [{ email: text }, { service: text }, { environment: text }, { scopes: [text] }, { networks: [text] }];
// In a test of minutes every payload stands on the request screen; each of the other ways is tried with a draw.
const some = numbers(seed);
const drawn = (of) => soak || some(of) === 0;

/** The partner writes a payload into everything that takes it. */
async function place(world, text, counts) {
  const attempt = async (change, fields) => {
    try {
      const id = await world.ask({ environment: 'sandbox', days: 60, ...change });
      counts.standing += fields;
      return id;
    } catch (error) {
      if (!/not-accepted|usage|unknown-|network/.test(error.code ?? '')) throw error;
      return null;
    }
  };
  const whole = { ...filled([...lines, ...prose], text), ...answers(text) };
  let id = await attempt(whole, lines.length + prose.length + 2);
  if (!id) {
    // Too long for a line perhaps, or more than one line.
    id = await attempt({ ...filled(prose, text), ...answers(text) }, prose.length + 2);
    counts.refused += id ? lines.length : lines.length + prose.length + 2;
  }
  if (drawn(6)) for (const change of strict(text)) if (!(await attempt(change, 1))) counts.refused += 1;
  return id;
}

/** What was made of a payload, and what the page was heard to do. */
class Watched {
  constructor(browser) {
    Object.assign(this, { browser, heard: [], flaws: [], screens: 0 });
  }

  async open(bridge, window) {
    const page = await (await this.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })).newPage();
    // Hundreds of requests and names are listed anew each time, by a build that is not optimised.
    page.setDefaultTimeout(60_000);
    await watch(page, this.heard);
    await page.goto(`${bridge.address}/${window}.html`);
    await page.locator('main').waitFor();
    return page;
  }

  /** Whatever a payload is made of, it must not have become an element. */
  async pure(page, where) {
    await settled(page);
    const made = await page.evaluate(() => [...document.querySelectorAll('img, iframe, object, embed, video, audio, script:not([src]), style:not([data-vite]), base, meta[http-equiv], marquee, template, x, custom-x, math, a[href], [onerror], [onload], [onclick], [onfocus], [autofocus]:not(input[type=search])')].map((node) => node.outerHTML.slice(0, 100)));
    for (const each of made) this.flaws.push(`${where}: became an element: ${each}`);
    for (const each of this.heard.splice(0)) this.flaws.push(`${where}: ${each}`);
    this.screens += 1;
  }

  /** Every one of these texts stands on the page as it was written. */
  async whole(page, where, texts) {
    const shown = await page.evaluate(read);
    const lost = texts.filter((text) => !shown.includes(text));
    for (const text of lost.slice(0, 5)) this.flaws.push(`${where}: does not stand there as text: ${JSON.stringify(text)}`);
  }
}

/** In the page: the texts of others, without the notes that are for screen readers. */
const read = () =>
  [...document.querySelectorAll('bdi')].map((node) => {
    const copy = node.cloneNode(true);
    for (const note of copy.querySelectorAll('.unseen')) note.remove();
    return copy.textContent;
  });

async function requests(desk, watched, standing, counts) {
  await desk.getByRole('option').nth(Math.min(standing.length, 300) - 1).waitFor();
  for (const [number, { id, text }] of standing.entries()) {
    // In one go: choose it, wait for it, read it.
    const seen = await desk.evaluate(async ({ id }) => {
      const option = document.getElementById(`request-${id}`);
      if (!option) return null;
      option.click();
      const end = performance.now() + 10_000;
      while (document.querySelector('.detail header code')?.textContent !== id.slice(0, 8)) {
        if (performance.now() > end) return null;
        await new Promise(requestAnimationFrame);
      }
      const held = [...document.querySelectorAll('.detail td.prose bdi')].map((node) => {
        const copy = node.cloneNode(true);
        for (const note of copy.querySelectorAll('.unseen')) note.remove();
        return copy.textContent;
      });
      return { held, marks: document.querySelectorAll('.detail td.prose mark').length };
    }, { id });
    if (!seen) { watched.flaws.push(`request ${id} cannot be shown: ${JSON.stringify(text)}`); continue; }
    const times = seen.held.filter((each) => each === text).length;
    if (times < prose.length) watched.flaws.push(`request ${id}: the text stands ${times} times: ${JSON.stringify(text)}`);
    counts.shown += times;
    if (deceiving.includes(text)) {
      if (seen.marks > 0) counts.marked += 1;
      else watched.flaws.push(`not marked: ${JSON.stringify(text)}`);
    }
    if (number % 60 === 0) for (const flaw of await layout(desk)) watched.flaws.push(`request of ${JSON.stringify(text.slice(0, 40))}: ${flaw}`);
    if (number % 20 === 0) await watched.pure(desk, `request of ${JSON.stringify(text)}`);
  }
  await watched.pure(desk, 'requests');
}

async function lists(desk, watched, at, names) {
  for (const id of ['keys', 'partners', 'ledger']) {
    await at(desk, id);
    await desk.locator('main tbody tr').nth(5).waitFor();
    // All the way down; every row is drawn once on the way.
    const seen = new Set(await desk.evaluate(async () => {
      const scroller = document.querySelector('main .scroller');
      const found = new Set();
      for (let before = -1; scroller && scroller.scrollTop !== before; ) {
        before = scroller.scrollTop;
        for (const node of scroller.querySelectorAll('td bdi')) {
          const copy = node.cloneNode(true);
          for (const note of copy.querySelectorAll('.unseen')) note.remove();
          found.add(copy.textContent);
        }
        scroller.scrollTop += 400;
        await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
      }
      return [...found];
    }));
    if (id === 'keys') for (const name of names.filter((each) => !seen.has(each)).slice(0, 5)) watched.flaws.push(`keys: does not stand there as text: ${JSON.stringify(name)}`);
    if (id === 'partners') await watched.whole(desk, id, names);
    await watched.pure(desk, id);
    for (const flaw of await layout(desk)) watched.flaws.push(`${id}: ${flaw}`);
  }
}

/** Revoking by service hits every name at once: the preview, the confirm window, the report on paper. */
async function revoking(world, desk, watched, at, names) {
  await at(desk, 'keys');
  await desk.evaluate(() => { document.querySelector('main .scroller').scrollTop = 0; });
  await desk.locator('main tbody tr[aria-rowindex]').first().click();
  await watched.pure(desk, 'key');
  await desk.getByRole('button', { name: say('revoke') }).first().click();
  await desk.locator('dialog[open] li').first().waitFor();
  await desk.getByRole('radio').nth(2).click();
  await desk.locator('dialog[open] li').nth(50).waitFor();
  await watched.pure(desk, 'revoke');
  await desk.keyboard.press('Escape');
  await world.alice.call('desk', 'stops/order', { selected: { keys: [], holder: null, service: 'shipments', environment: null }, how: 'disable', reason: 'ended' });
  const confirm = await watched.open(world.alice, 'confirm');
  await confirm.locator('dd').first().waitFor();
  await watched.pure(confirm, 'confirm: stop');
  const asked = await confirm.evaluate(() => document.querySelector('dl').textContent);
  if (!names.some((name) => asked.includes(name))) watched.flaws.push('confirm: stop: none of the names stands there as text');
  await confirm.context().close();
  const marked = names.find((name) => name.includes('<script>'));
  const key = (await world.alice.call('desk', 'keys/list', { state: null, text: null, limit: 1000, offset: 0 })).find((each) => each.holder === marked);
  const out = world.fresh('incident.html');
  await world.alice.call('desk', 'leaks/write_report', { keys: [key.id], language: 'de', out });
  const paper = await (await watched.browser.newContext()).newPage();
  await watch(paper, watched.heard);
  await paper.setContent(readFileSync(out, 'utf8'));
  await watched.whole(paper, 'incident report', [marked]);
  if ((await paper.locator('script').count()) > 0) watched.flaws.push('incident report: became an element');
  for (const each of watched.heard.splice(0)) watched.flaws.push(`incident report: ${each}`);
  await paper.context().close();
}

/** Markup signed by two people: both confirm windows, the key's delivery, the partner's envelope. */
async function exchange(world, watched, standing) {
  for (const { id, text } of standing.filter((each) => each.text.includes('<script>')).slice(0, 2)) {
    await world.check(id);
    for (const [bridge, act] of [[world.alice, 'vet'], [world.ben, 'countersign']]) {
      await bridge.call('desk', `requests/${act}`, { id });
      const confirm = await watched.open(bridge, 'confirm');
      await confirm.locator('dd').first().waitFor();
      await confirm.evaluate(() => { for (const each of document.querySelectorAll('details')) each.open = true; });
      await watched.pure(confirm, `confirm: ${act} of ${JSON.stringify(text)}`);
      await confirm.context().close();
      await bridge.confirm();
    }
    await world.handOver((await world.alice.call('desk', 'keys/issue', { request: id, pasted: null, path: null })).id);
  }
}

/** Every screen that shows a text of a partner. */
async function everywhere(world, watched, at, { standing, letters, names, counts }) {
  await world.alice.look({});
  const desk = await watched.open(world.alice, 'desk');
  await at(desk, 'requests');
  await requests(desk, watched, standing, counts);
  await exchange(world, watched, standing);
  for (let from = 0; from < names.length; from += 100) await world.oldKeys(names.slice(from, from + 100));
  await desk.keyboard.press('Control+k');
  // The palette draws a hundred and counts the rest.
  await desk.locator('dialog[open] li').nth(99).waitFor();
  await watched.pure(desk, 'palette');
  await lists(desk, watched, at, names);
  await revoking(world, desk, watched, at, names);
  const inbox = await watched.open(world.partner, 'inbox');
  await at(inbox, 'asks');
  await inbox.locator('blockquote').nth(10).waitFor();
  await watched.whole(inbox, 'asks', letters);
  await watched.pure(inbox, 'asks');
  for (const flaw of await layout(inbox)) watched.flaws.push(`asks: ${flaw}`);
}

export async function corpus(world, browser, at) {
  const counts = { standing: 0, refused: 0, marked: 0, shown: 0 };
  const watched = new Watched(browser);
  const [standing, letters] = [[], []];
  for (const [number, text] of payloads.entries()) {
    const id = await place(world, text, counts);
    if (id) standing.push({ id, text });
    // What the organisation writes back stands on the partner's screens.
    if (id && number % 16 === 0) {
      const out = world.fresh('letter');
      await world.alice.call('desk', 'requests/ask', { request: id, text, out });
      await world.partner.call('inbox', 'asks/read', { files: [out], text: null });
      letters.push(text);
    }
  }
  const names = standing.map((each) => each.text).filter((text) => !text.includes('\n') && text.trim() === text);
  console.log(`texts: seed ${seed}, ${standing.length} of ${payloads.length} stand; ${Math.round(process.uptime())} s`);

  // Where a screen cannot be reached at all, what was heard on the way says why.
  await everywhere(world, watched, at, { standing, letters, names, counts }).catch((error) => {
    watched.flaws.push(...watched.heard.splice(0), error.message.split('\n').slice(0, 3).join(' '));
  });

  if (payloads.length < LEAST) watched.flaws.push(`${payloads.length} payloads, ${LEAST} are the least`);
  const flaws = [...new Set(watched.flaws)];
  for (const flaw of flaws) console.log(flaw);
  console.log(`texts: ${payloads.length} payloads, ${standing.length} on screens, ${counts.standing} fields held one, ${counts.refused} fields refused one, ${counts.shown} times shown as text, ${counts.marked} of ${deceiving.length} deceiving ones marked, ${watched.screens} screens looked at, ${flaws.length} flaws; ${Math.round(process.uptime())} s`);
  return flaws.length > 0 ? 1 : 0;
}
