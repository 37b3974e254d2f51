// Hostile texts in every field of a partner that takes them, on every screen that shows them.
import { deceiving, payloads } from './payloads.mjs';
import { layout, watch } from './looks.mjs';
import { say } from './texts.mjs';

const LEAST = 400;
const lines = ['company', 'person', 'role', 'incident_contact'];
const prose = ['why', 'workflow', 'usage', 'data', 'safeguards'];
const filled = (fields, text) => Object.fromEntries(fields.map((field) => [field, text]));
const answers = (text) => ({ answers: [['storage', text], ['subcontractors', text]] });
// A short name, an address, a network: what these take cannot hold markup, and is refused where it is tried.
const strict = (text) => [{ email: text }, { service: text }, { environment: text }, { scopes: [text] }, { networks: [text] }];

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
  for (const change of strict(text)) if (!(await attempt(change, 1))) counts.refused += 1;
  return id;
}

export async function corpus(world, browser, at) {
  const counts = { standing: 0, refused: 0, marked: 0, shown: 0 };
  const flaws = [];
  const standing = [];
  for (const [number, text] of payloads.entries()) {
    const id = await place(world, text, counts);
    if (id) standing.push({ id, text });
    // What the organisation writes back stands on the partner's screens.
    if (id && number % 16 === 0) {
      const out = world.fresh('letter');
      await world.alice.call('desk', 'requests/ask', { request: id, text, out });
      await world.partner.call('inbox', 'asks/read', { path: out });
    }
  }
  const names = standing.map((each) => each.text).filter((text) => !text.includes('\n'));
  for (let from = 0; from < names.length; from += 100) await world.oldKeys(names.slice(from, from + 100));

  const heard = [];
  const open = async (bridge, window) => {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })).newPage();
    page.setDefaultTimeout(20_000);
    await watch(page, heard);
    await page.goto(`${bridge.address}/${window}.html`);
    await page.locator('main').waitFor();
    return page;
  };
  // Whatever a payload is made of, it must not have become an element.
  const pure = async (page, where) => {
    const made = await page.evaluate(() => [...document.querySelectorAll('img, iframe, object, embed, video, audio, script:not([src]), style:not([data-vite]), base, meta[http-equiv], marquee, template, x, [onerror], [onload], [onclick]')].map((node) => node.outerHTML.slice(0, 100)));
    for (const each of made) flaws.push(`${where}: became an element: ${each}`);
    for (const each of heard.splice(0)) flaws.push(`${where}: ${each}`);
  };

  await world.alice.look({});
  const desk = await open(world.alice, 'desk');
  await at(desk, 'requests');
  await desk.getByRole('option').nth(Math.min(standing.length, 300)).waitFor();
  const byId = new Map(standing.map((each) => [each.id, each.text]));
  for (const [number, { id, text }] of standing.entries()) {
    const option = desk.locator(`#request-${id}`);
    if ((await option.count()) === 0) { flaws.push(`request ${id} is not in the list: ${JSON.stringify(text)}`); continue; }
    await option.evaluate((node) => node.click());
    await desk.waitForFunction((id) => document.querySelector('.detail header code')?.textContent === id.slice(0, 8), id);
    const seen = await desk.evaluate(() => [...document.querySelectorAll('.detail td.prose bdi')].map((node) => {
      const copy = node.cloneNode(true);
      for (const note of copy.querySelectorAll('.unseen')) note.remove();
      return copy.textContent;
    }));
    const times = seen.filter((each) => each === byId.get(id)).length;
    if (times < prose.length) flaws.push(`request ${id}: the text stands ${times} times: ${JSON.stringify(text)}`);
    counts.shown += times;
    if (deceiving.includes(text)) {
      const marks = await desk.locator('.detail td.prose mark').count();
      if (marks > 0) counts.marked += 1;
      else flaws.push(`not marked: ${JSON.stringify(text)}`);
    }
    if (number % 40 === 0) for (const flaw of await layout(desk)) flaws.push(`request of ${JSON.stringify(text.slice(0, 40))}: ${flaw}`);
    if (number % 20 === 0) await pure(desk, `request of ${JSON.stringify(text)}`);
  }
  await pure(desk, 'requests');
  await desk.keyboard.press('Control+k');
  await desk.locator('dialog[open] li').nth(100).waitFor();
  await pure(desk, 'palette');

  for (const id of ['keys', 'partners', 'ledger']) {
    await at(desk, id);
    await desk.locator('main tbody tr').nth(5).waitFor();
    const scroller = desk.locator('main .scroller');
    for (let step = 0; (await scroller.count()) > 0 && step < 60; step += 1) {
      await scroller.evaluate((node) => (node.scrollTop += 500));
      const row = desk.locator('main tbody tr[aria-rowindex]').nth(3);
      if (step % 4 === 0) await row.evaluate((node) => node.click());
      await desk.waitForTimeout(20);
    }
    await pure(desk, id);
    for (const flaw of await layout(desk)) flaws.push(`${id}: ${flaw}`);
  }
  await at(desk, 'keys');
  await desk.locator('main tbody tr[aria-rowindex]').first().click();
  await desk.getByRole('button', { name: say('revoke') }).first().click();
  await desk.locator('dialog[open] li').first().waitFor();
  await desk.getByRole('radio').nth(2).click();
  await desk.locator('dialog[open] li').nth(50).waitFor();
  await pure(desk, 'revoke');

  // Markup signed by two people: the confirm window, the key's delivery, the partner's envelope.
  for (const { id } of standing.filter((each) => each.text.includes('<script>')).slice(0, 2)) {
    await world.check(id);
    await world.alice.call('desk', 'requests/vet', { id });
    const confirm = await open(world.alice, 'confirm');
    await confirm.locator('dd').first().waitFor();
    await pure(confirm, 'confirm');
    await confirm.context().close();
    await world.alice.confirm();
    await world.ben.call('desk', 'requests/countersign', { id });
    await world.ben.confirm();
    await world.alice.call('desk', 'keys/issue', { request: id, pasted: null, path: null });
  }
  const inbox = await open(world.partner, 'inbox');
  await at(inbox, 'asks');
  await inbox.locator('blockquote').nth(10).waitFor();
  await pure(inbox, 'asks');
  for (const flaw of await layout(inbox)) flaws.push(`asks: ${flaw}`);

  if (payloads.length < LEAST) flaws.push(`${payloads.length} payloads, ${LEAST} are the least`);
  for (const flaw of [...new Set(flaws)]) console.log(flaw);
  console.log(`texts: ${payloads.length} payloads, ${standing.length} on screens, ${counts.standing} fields held one, ${counts.refused} fields refused one, ${counts.shown} times shown as text, ${counts.marked} of ${deceiving.length} deceiving ones marked, ${flaws.length} flaws`);
  return flaws.length > 0 ? 1 : 0;
}
