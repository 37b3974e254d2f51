// The page behind a link, in a browser that clicks everything on it, with script and without, beside programs that look at
// links by themselves: nothing changes at the relay, and nobody has a byte of an envelope.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { root } from './world.mjs';

const bots = readFileSync(join(root, 'crates', 'relay', 'tests', 'relay', 'bots.txt'), 'utf8').split('\n').slice(0, -1);
/** How long a piece of an envelope is that is looked for. */
const PIECE = 16;

/** Everything that acts can change at the relay, and the envelopes. The file is only read. */
const READ = `
import json, sqlite3, sys
kept = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)
kept.text_factory = bytes
rows = {}
for table in ('parcel', 'letter', 'mailbox', 'ticket', 'correspondent', 'removed'):
    found = kept.execute(f'SELECT * FROM {table}').fetchall()
    rows[table] = sorted(repr(row) for row in found)
envelopes = [row[0].hex() for row in kept.execute('SELECT envelope FROM parcel WHERE envelope IS NOT NULL')]
print(json.dumps({'rows': rows, 'envelopes': envelopes}))
`;

function kept(world) {
  const run = spawnSync('python3', ['-c', READ, join(world.folder, 'organisation', 'relay', 'relay.db')], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`the relay's database cannot be read: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** What came over the network, and what it was asked for with. */
class Heard {
  constructor() {
    Object.assign(this, { requests: [], bodies: new Map(), opened: [] });
  }

  body(bytes) {
    const text = Buffer.from(bytes).toString('latin1');
    this.bodies.set(text, (this.bodies.get(text) ?? 0) + 1);
  }

  async watch(page) {
    page.on('request', (request) => this.requests.push({ method: request.method(), url: request.url() }));
    page.on('response', async (response) => this.body(await response.body().catch(() => Buffer.alloc(0))));
    const session = await page.context().newCDPSession(page);
    await session.send('Page.enable');
    session.on('Page.frameRequestedNavigation', ({ url }) => this.opened.push(url));
  }
}

/** Every element with every button of a mouse, then every key that does something to what has the focus. */
async function clickEverything(page, address) {
  const settle = () => page.waitForTimeout(30);
  const number = await page.locator('html *').count();
  let clicks = 0;
  for (let at = 0; at < number; at += 1) {
    for (const how of [{ button: 'left' }, { button: 'middle' }, { button: 'right' }, { button: 'left', clickCount: 2 }]) {
      // Where a click led elsewhere, the next one begins where it began.
      if (page.url() !== address) await page.goto(address).catch(() => {});
      const element = page.locator('html *').nth(at);
      if (!(await element.isVisible().catch(() => false))) continue;
      await element.click({ ...how, force: true, noWaitAfter: true, timeout: 2000 }).catch(() => {});
      clicks += 1;
    }
  }
  for (const key of ['Tab', 'Enter', 'Space', 'Tab', 'Enter', 'Control+A', 'Control+C', 'F5']) {
    await page.keyboard.press(key).catch(() => {});
    await settle();
  }
  await page.reload().catch(() => {});
  await settle();
  return clicks;
}

async function visit(browser, address, script, heard) {
  const context = await browser.newContext({ javaScriptEnabled: script });
  try {
    const page = await context.newPage();
    await heard.watch(page);
    await page.goto(address);
    return await clickEverything(page, address);
  } finally {
    await context.close();
  }
}

/** Programs that look at links: every address that they could think of, in every way that reads. */
async function look(origin, ids, heard) {
  let visits = 0;
  for (const agent of bots) {
    for (const id of ids) {
      for (const path of [`/e/${id}`, `/e/${id}?download=1`, `/v1/fetch?cti=${id}`, `/v1/acknowledge/${id}`, '/favicon.ico']) {
        for (const method of ['GET', 'HEAD', 'OPTIONS']) {
          const answer = await fetch(origin + path, { method, headers: { 'user-agent': agent, 'sec-purpose': 'prefetch' } });
          heard.body(await answer.arrayBuffer());
          visits += 1;
        }
      }
    }
  }
  return visits;
}

/** The control: a page whose link, form and script do something is found out by the same clicks. */
async function control(browser) {
  const done = new Set();
  const page = `<!doctype html><title>x</title><a href="/link">link</a><form action="/form"><button>form</button></form>
    <p id="p">script</p><script>document.getElementById('p').addEventListener('click', () => fetch('/script'))</script>`;
  const server = createServer((request, answer) => {
    const path = request.url.split('?')[0];
    if (path !== '/') done.add(path);
    answer.setHeader('content-type', 'text/html');
    answer.end(path === '/' ? page : 'done');
  });
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  const heard = new Heard();
  await visit(browser, `http://127.0.0.1:${server.address().port}/`, true, heard);
  server.closeAllConnections();
  server.close();
  return ['/link', '/form', '/script'].filter((path) => done.has(path)).length;
}

/** Links that are alive: one that was only brought, one that was fetched before. */
async function links(world) {
  const made = [];
  for (const company of ['Tidewater Cargo', 'Summit Logistics']) {
    const message = await world.sendLink(await world.issue(await world.ask({ company, environment: 'sandbox', days: 60 })));
    made.push({ message, link: readFileSync(message, 'utf8').match(/http:\/\/127\.0\.0\.1:\S+/)[0] });
  }
  await world.partner.call('inbox', 'relay/fetch', { from: 'file', path: made[1].message });
  return made;
}

export async function landing(world, browser) {
  const live = await links(world);
  const { origin } = new URL(live[0].link);
  const ids = live.map(({ link }) => new URL(link).pathname.split('/').at(-1));
  const before = kept(world);
  const heard = new Heard();
  const addresses = [...live.map(({ link }) => link), `${origin}/e/AAAAAAAAAAAAAAAAAAAAAA#c2VjcmV0`];
  const looking = look(origin, ids, heard);
  let clicks = 0;
  for (const address of addresses) for (const script of [true, false]) clicks += await visit(browser, address, script, heard);
  const visits = await looking;
  const after = kept(world);
  const flaws = judge(before, after, heard, addresses);
  const caught = await control(browser);
  if (caught !== 3) flaws.push(`the control: ${caught} of 3 things that can be clicked were found`);
  // Its reader has it all the same.
  await world.partner.call('inbox', 'relay/fetch', { from: 'file', path: live[0].message });
  for (const flaw of flaws) console.log(flaw);
  console.log(`landing: ${addresses.length} links, ${clicks} clicks with script and without, ${bots.length} programs beside with ${visits} visits, ${heard.bodies.size} different answers; control ${caught} of 3; ${flaws.length} flaws`);
  return flaws.length > 0 ? 1 : 0;
}

function judge(before, after, heard, addresses) {
  const flaws = [];
  for (const [table, rows] of Object.entries(before.rows)) {
    if (JSON.stringify(rows) !== JSON.stringify(after.rows[table])) flaws.push(`an effect at the relay: ${table} is not as it was`);
  }
  if (before.envelopes.length < 2) flaws.push(`${before.envelopes.length} envelopes lie at the relay, and two should`);
  const pieces = new Set();
  for (const envelope of before.envelopes) {
    const bytes = Buffer.from(envelope, 'hex').toString('latin1');
    for (let at = 0; at + PIECE <= bytes.length; at += 1) pieces.add(bytes.slice(at, at + PIECE));
  }
  let stolen = 0;
  for (const body of heard.bodies.keys()) {
    for (let at = 0; at + PIECE <= body.length; at += 1) stolen += pieces.has(body.slice(at, at + PIECE)) ? 1 : 0;
  }
  if (stolen > 0) flaws.push(`${stolen} pieces of an envelope were given to somebody who only looked`);
  for (const { method, url } of heard.requests) {
    if (url.startsWith('countersign:')) continue;
    const asked = addresses.some((address) => url.split('#')[0] === address.split('#')[0]) || new URL(url).pathname === '/favicon.ico';
    if (method !== 'GET' || !asked) flaws.push(`the page asked for something else: ${method} ${url.split('#')[0]}`);
  }
  const pages = [...heard.bodies.keys()].filter((body) => body.includes('<!doctype html>')).length;
  if (pages !== 1) flaws.push(`${pages} pages, and every link should show the same bytes`);
  for (const address of addresses) {
    const expected = `countersign://e/${address.split('://')[1].replace('/e/', '/')}`;
    if (!heard.opened.includes(expected)) flaws.push(`the button of ${address.split('#')[0]} does not open the application: ${[...new Set(heard.opened.map((url) => url.split('#')[0]))]}`);
  }
  return flaws;
}
