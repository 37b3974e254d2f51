// The pages in a browser, over the real host: `node run.mjs looks|texts|scroll|landing|screens [DIR]`.
//
// COUNTERSIGN_BRIDGE and COUNTERSIGN_BIN name the programs; COUNTERSIGN_ONLY takes a part of a screen's name.
import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

import { at, screens } from './screens.mjs';
import { axe, english, layout, settled, watch } from './looks.mjs';
import { missing } from './texts.mjs';
import { Bridge, World, browse } from './world.mjs';
import { seed, soak, views } from './views.mjs';
import { corpus } from './hostile.mjs';
import { landing } from './landing.mjs';
import { scroll } from './scroll.mjs';

const only = process.env.COUNTERSIGN_ONLY ?? '';

/** People beside the two desks and the partner: who is new, who is locked, who only looks. */
async function others(world) {
  world.fresh_ = await Bridge.start(world, 'fresh');
  const locked = await Bridge.start(world, 'locked', 'organisation/dora');
  await locked.call('desk', 'session/lock');
  const making = await Bridge.start(world, 'making');
  await making.call('start', 'profiles/make', { kind: 'desk', name: 'Ada Berg' });
  const made = async (name, kind) => {
    const bridge = await Bridge.start(world, name);
    await bridge.call('start', 'profiles/make', { kind, name: 'Ada Berg' });
    const { recovery } = await bridge.call('vault', 'vault/answer', { typed: 'four words only you would join', again: 'four words only you would join' });
    await bridge.call('vault', 'vault/answer', { typed: recovery, again: null });
    return bridge;
  };
  return {
    fresh: world.fresh_, locked, making, unattached: (world.newcomer = await made('unattached', 'desk')), stranger: await made('stranger', 'inbox'),
    carol: (world.carol = await Bridge.start(world, 'carol', 'organisation/carol')), alice: world.alice, ben: world.ben, partner: world.partner,
  };
}

/** Requests in every state, keys of many partners, a change that waits. */
async function fill(world) {
  const { alice, ben, partner } = world;
  await world.ask({ company: 'Lumen Parcels', environment: 'sandbox', scopes: ['shipments:read', 'labels:write'], networks: [], days: 60 });
  world.ready = await world.ask({ company: 'Marlow Stores', environment: 'sandbox', days: 60 });
  await world.check(world.ready);
  world.vetted = await world.ask({ company: 'Kestrel Freight' });
  await world.vet(world.vetted);
  const counter = await world.ask({ company: 'Orbit Couriers', environment: 'sandbox', days: 30 });
  await world.vet(counter);
  await ben.call('desk', 'requests/countersign', { id: counter });
  await ben.confirm();
  const asked = await world.ask({ company: 'Halden Research' });
  await alice.call('desk', 'requests/ask', { request: asked, text: 'Which depots do you need? Name them, and say who reads the answers.', out: world.fresh('letter') });
  const declined = await world.ask({ company: 'Brightline Retail' });
  await alice.call('desk', 'requests/decline', { request: declined, text: 'We do not know your company, and the register does not either.', out: world.fresh('letter') });
  world.waiting = await world.handOver(await world.issue(await world.ask({ company: 'Northgate Clinics' })));
  const linked = async (company) => world.issue(await world.ask({ company, environment: 'sandbox', days: 60 }));
  world.message = await world.sendLink(await linked('Tidewater Cargo'));
  const fetched = await world.sendLink(await linked('Summit Logistics'));
  await partner.call('inbox', 'relay/fetch', { from: 'file', path: fetched });
  const back = await linked('Garnet Freight');
  await world.sendLink(back);
  await alice.call('desk', 'relay/take_back', { id: back });
  await alice.call('desk', 'relay/sync');
  const active = await world.handOver(await world.issue(await world.ask({})));
  const held = await partner.call('inbox', 'envelopes/open', active);
  const receipt = world.fresh('receipt');
  await partner.call('inbox', 'envelopes/write_receipt', { id: held.id, out: receipt });
  await alice.call('desk', 'requests/import', { files: [receipt], text: null });
  await partner.call('inbox', 'envelopes/copy', { id: held.id });
  world.leaked = await fetch(`${partner.address}/clipboard`).then((answer) => answer.text());
  const names = ['Vega Logistik GmbH', 'Tern & Sons', 'Paloma Envíos', 'Fjord Frakt AS', 'Quillon Data', 'Redwing Foods', 'Sable Media', 'Union Depot'];
  await world.oldKeys(Array.from({ length: 40 }, (_, at) => names[(at * at) % names.length]));
  const policy = (await alice.call('desk', 'rules/policy')).text;
  await alice.call('desk', 'rules/propose_policy', { text: policy.replace(/envelope_days = \d+/, 'envelope_days = 9') });
  const catalogue = (await alice.call('desk', 'rules/catalogue')).text;
  await alice.call('desk', 'rules/propose_catalogue', { text: catalogue.replace(/^version = .*/m, 'version = 2') });
  await alice.call('desk', 'rules/propose_issuer', { text: "id = 'console'\nkind = 'manual'\ninstructions = 'Open the console of the key server, find the key by its id, and press Delete.'\n" });
  await alice.call('desk', 'rules/propose_card', { relay: 'https://keys.larkfield.example' });
  const identity = world.fresh('identity.card');
  await world.newcomer.call('desk', 'session/write_card', { path: identity });
  const { fingerprint } = await world.newcomer.call('desk', 'session/status');
  await alice.call('desk', 'team/propose', { card: identity, heard: { typed: fingerprint, channel: 'video', source: 'the staff list' }, rights: ['vet', 'issue'] });
  const old = (await alice.call('desk', 'keys/list', { state: null, text: 'Quillon', limit: 1, offset: 0 }))[0].id;
  await alice.call('desk', 'stops/order', { selected: { keys: [old], holder: null, service: null, environment: null }, how: 'revoke', reason: 'ended' });
  await alice.confirm();
  const off = await world.issue(await world.ask({ company: 'Tollgate Labs' }));
  await ben.call('desk', 'stops/order', { selected: { keys: [off], holder: null, service: null, environment: null }, how: 'disable', reason: 'precaution' });
  await ben.confirm();
  await unfinished(world);
  world.card = join(world.folder, 'organisation', 'larkfield.card');
}

/** A key that was about to be made when its issuer failed: something else has the name of its file. */
async function unfinished(world) {
  const request = await world.ask({ company: 'Pinnacle Freight', environment: 'sandbox', days: 30 });
  await world.vet(request);
  await world.ben.call('desk', 'requests/countersign', { id: request });
  await world.ben.confirm();
  const hashes = join(world.folder, 'organisation', 'gateway', 'keys.hashes');
  renameSync(hashes, `${hashes}.away`);
  mkdirSync(hashes);
  const made = await world.alice.call('desk', 'keys/issue', { request, pasted: null, path: null }).catch(() => null);
  if (made) throw new Error('a key was made without its issuer');
  rmdirSync(hashes);
  renameSync(`${hashes}.away`, hashes);
}

class Visitor {
  constructor(world, people, browser) {
    Object.assign(this, { world, people, browser, pages: new Map(), heard: [], flaws: [] });
  }

  /** The page of a person's window. It stays, as a window does; the short-lived ones are opened anew. */
  async page(screen) {
    const key = `${screen.who}/${screen.page}`;
    const known = this.pages.get(key);
    if (known && ['desk', 'inbox', 'vault'].includes(screen.page) && !screen.again) return known;
    await known?.context().close();
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await watch(page, this.heard);
    await page.goto(`${this.people[screen.who].address}/${screen.page}.html`);
    await page.locator('main').waitFor();
    this.pages.set(key, page);
    return page;
  }

  /** Goes to a screen and does something there; what goes wrong is a flaw of that screen. */
  async visit(screen, act) {
    const bridge = this.people[screen.who];
    try {
      await bridge.look({});
      await screen.before?.(this.world);
      const page = await this.page(screen);
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.waitForFunction(() => document.documentElement.lang === 'en' && document.documentElement.dataset.theme === 'light');
      await screen.go(page, this.world);
      await settled(page);
      await act(page, bridge, (flaw, where) => this.flaws.push(`${screen.name} (${where}): ${flaw}`));
    } catch (error) {
      this.flaws.push(`${screen.name}: ${error.message.split('\n').slice(0, 3).join(' ')}`);
      // What follows begins from a fresh page.
      await this.pages.get(`${screen.who}/${screen.page}`)?.context().close();
      this.pages.delete(`${screen.who}/${screen.page}`);
    }
    for (const heard of this.heard.splice(0)) this.flaws.push(`${screen.name}: ${heard}`);
  }
}

const shown = (page, settings) =>
  page.waitForFunction(
    ({ theme, language, zoom }) => {
      const root = document.documentElement;
      return root.dataset.theme === theme && root.lang === language && root.style.getPropertyValue('--zoom') === String(zoom / 100);
    },
    settings,
  );

/** Every view that is due, on the page as it stands: what follows settings must follow them without a reload. */
async function judge(page, bridge, told) {
  for (const { language, zoom, theme, size: [width, height], judged } of views()) {
    const settings = { language, zoom, theme };
    await bridge.look(settings);
    await shown(page, settings);
    await page.setViewportSize({ width, height });
    await settled(page);
    const where = `${language} ${theme} ${zoom} % ${width}x${height}`;
    for (const flaw of [...(await layout(page)), ...(await english(page, written))]) told(flaw, where);
    if (judged) for (const flaw of await axe(page)) told(flaw, where);
    counts.views += 1;
    counts.judged += judged ? 1 : 0;
  }
  counts.screens += 1;
}

async function picture(page, bridge, _told, folder, name) {
  for (const theme of ['light', 'dark']) {
    await bridge.look({ theme });
    await shown(page, { theme, language: 'en', zoom: 100 });
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}-${theme}.png`) });
  }
  if (process.env.COUNTERSIGN_ALL_PICTURES) {
    for (const [language, zoom, [width, height]] of [['de', 100, [1000, 700]], ['de', 200, [1000, 700]], ['en', 200, [1280, 800]], ['de', 100, [1920, 1080]]]) {
      await bridge.look({ language, zoom });
      await shown(page, { theme: 'light', language, zoom });
      await page.setViewportSize({ width, height });
      await settled(page);
      await page.screenshot({ path: join(folder, `${name}-${language}-${zoom}-${width}.png`) });
    }
  }
  counts.screens += 1;
}

let written = '';
const counts = { screens: 0, views: 0, judged: 0 };
const [mode, folder] = process.argv.slice(2);
const world = new World();
let browser;
let code = 0;
try {
  await world.found();
  browser = await browse();
  if (mode === 'looks' || mode === 'screens') {
    written = (await world.alice.call('desk', 'rules/catalogue')).text;
    const visitor = new Visitor(world, await others(world), browser);
    if (mode === 'screens') mkdirSync(folder, { recursive: true });
    for (const empty of [true, false]) {
      if (!empty) await fill(world);
      // Screens share a page each; an act is told which one it is on.
      for (const screen of screens) {
        if (!!screen.empty !== empty || !screen.name.includes(only)) continue;
        await visitor.visit(screen, mode === 'looks' ? judge : (page, bridge, told) => picture(page, bridge, told, folder, screen.name));
      }
    }
    const flaws = [...missing(), ...visitor.flaws];
    for (const flaw of flaws) console.log(flaw);
    console.log(`pages: ${counts.screens} screens, ${counts.views} views, ${counts.judged} of them judged by axe, ${soak ? 'all of them' : `seed ${seed}`}, ${flaws.length} flaws`);
    if (flaws.length > 0) code = 1;
  } else if (mode === 'texts') code = await corpus(world, browser, at);
  else if (mode === 'scroll') code = await scroll(world, browser, at);
  else if (mode === 'landing') code = await landing(world, browser);
  else throw new Error('run.mjs looks|texts|scroll|landing|screens [DIR]');
} catch (error) {
  console.log(error.stack);
  code = 1;
} finally {
  await browser?.close();
  world.end();
}
process.exit(code);
