// Bridges, and the calls that fill an organisation: the same use cases as the windows, over loopback.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, '..', '..');
// The browser's driver belongs to the front end's packages.
export const need = createRequire(join(root, 'ui', 'package.json'));

/** One host with its pages: a person at a window. */
export class Bridge {
  constructor(process_, address) {
    this.process = process_;
    this.address = address;
  }

  static async start(world, name, profile) {
    const home = join(world.folder, `home-${name}`);
    mkdirSync(home, { recursive: true });
    const words = ['--pages', join(root, 'ui', 'dist-bridge'), '--port', '0'];
    if (profile) words.push('--profile', join(world.folder, profile), '--key-file', join(world.folder, `${profile}.unlock`));
    const child = spawn(world.bridge, words, {
      env: { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: home, TZ: 'Europe/Berlin' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    world.children.push(child);
    const address = await new Promise((told, refused) => {
      child.stdout.once('data', (line) => told(String(line).trim()));
      child.once('exit', (code) => refused(new Error(`the bridge of ${name} ended with ${code}`)));
    });
    const bridge = new Bridge(child, address);
    if (profile) await bridge.call('start', 'session/unlock');
    return bridge;
  }

  /** What a window asks. A failure of the core is thrown with its code. */
  async call(window, name, request = {}) {
    const response = await fetch(`${this.address}/call/${window}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(`${name}: ${answer.code}: ${answer.message}`), { code: answer.code });
    return answer;
  }

  look(settings) {
    return this.call('start', 'session/change_settings', { theme: 'light', language: 'en', zoom: 100, idle_minutes: 60, notify: true, ...settings });
  }

  windows() {
    return fetch(`${this.address}/windows`).then((answer) => answer.json());
  }

  clipboard(text) {
    return fetch(`${this.address}/clipboard`, { method: 'POST', body: text });
  }

  /** What the confirm window shows is answered as a person would: after it could be read. */
  async confirm() {
    const question = await this.call('confirm', 'confirm/read');
    await new Promise((go) => setTimeout(go, question.armed_after + 50));
    await this.call('confirm', 'confirm/answer', { id: question.id, yes: true });
  }
}

export class World {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'countersign-pages-'));
    this.children = [];
    this.numbers = 0;
    this.bridge = process.env.COUNTERSIGN_BRIDGE;
    this.program = process.env.COUNTERSIGN_BIN;
    this.relay = process.env.COUNTERSIGN_RELAY ?? join(dirname(this.program ?? ''), 'countersign-relay');
    if (!this.bridge || !this.program) throw new Error('COUNTERSIGN_BRIDGE and COUNTERSIGN_BIN name the programs');
  }

  /** A file that is not there yet. */
  fresh(name) {
    return join(this.folder, `${++this.numbers}-${name}`);
  }

  async found() {
    const folder = join(this.folder, 'organisation');
    const run = spawnSync('python3', ['-B', join(here, 'organisation.py'), '--bin', this.program, '--relay', this.relay, '--dir', folder], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`the organisation could not be founded:\n${run.stdout}${run.stderr}`);
    this.relayProcess = Number(run.stdout.trim().split('\n').at(-1));
    this.alice = await Bridge.start(this, 'alice', 'organisation/alice');
    this.ben = await Bridge.start(this, 'ben', 'organisation/ben');
    this.partner = await Bridge.start(this, 'partner', 'organisation/partner');
    this.fingerprint = (await this.partner.call('inbox', 'session/status')).fingerprint;
    this.organisation = (await this.partner.call('inbox', 'organisations/list'))[0].id;
  }

  form(change = {}) {
    return {
      organisation: this.organisation, revises: null, company: 'Oakbridge Analytics', person: 'Noor Haddad',
      role: 'Integration engineer', email: 'noor.haddad@oakbridge.example', incident_contact: 'security@oakbridge.example',
      why: 'Our customers want to see late parcels before their own customers call.',
      workflow: 'A job asks for the state of open shipments every ten minutes and raises an alert when one is late.',
      usage: 'About 200,000 reads a day, from one service, never from a browser.',
      data: 'Shipment numbers, depots and times. No names, no addresses.',
      safeguards: 'The key is kept in our secret store, read by one service account, and never written to a log.',
      service: 'shipments', environment: 'production', scopes: ['shipments:read'], networks: ['203.0.113.16/28'], days: 180,
      answers: [['storage', 'In the secret store of our cluster. Two operators can read it.'], ['subcontractors', 'No.']],
      renews: null, ...change,
    };
  }

  /** The partner asks, Alice imports: the id of the request. */
  async ask(change) {
    const out = this.fresh('request.countersign');
    await this.partner.call('inbox', 'asks/send', { form: this.form(change), out });
    return (await this.alice.call('desk', 'requests/import', { files: [out], text: null })).id;
  }

  /** Everything that the policy wants before the first signature. */
  /** A file that a vetter lays beside an answer. */
  evidence() {
    const path = join(this.folder, 'trade-register.txt');
    writeFileSync(path, 'Entry 4711: the company exists, and so does the person who asks.\n');
    return path;
  }

  async check(request) {
    for (const desk of [this.alice, this.ben]) {
      await desk.call('desk', 'requests/compare', { id: request, typed: this.fingerprint, channel: 'phone', source: 'switchboard in the company register' });
    }
    for (const check of ['who', 'why', 'scope', 'protection']) {
      const files = check === 'who' ? [this.evidence()] : [];
      await this.alice.call('desk', 'requests/check', { request, check, passed: true, note: 'Seen, asked, and on record.', files });
    }
    const detail = await this.alice.call('desk', 'requests/show', { id: request });
    for (const finding of detail.findings.filter((each) => each.severity !== 'note' && !each.justified)) {
      await this.alice.call('desk', 'requests/justify', { request, finding: finding.code, reason: 'Known to our sales team since spring.' });
    }
  }

  async vet(request) {
    await this.check(request);
    await this.alice.call('desk', 'requests/vet', { id: request });
    await this.alice.confirm();
  }

  /** Both signatures and the key: its id. */
  async issue(request) {
    await this.vet(request);
    await this.ben.call('desk', 'requests/countersign', { id: request });
    await this.ben.confirm();
    return (await this.alice.call('desk', 'keys/issue', { request, pasted: null, path: null })).id;
  }

  async handOver(key) {
    const out = this.fresh('key.countersign');
    const handed = await this.alice.call('desk', 'keys/hand_over', { key, out });
    return { envelope: { files: [out], text: null }, secret: handed.secret };
  }

  /** The envelope goes to the relay: the message with its link. */
  async sendLink(key) {
    const out = this.fresh('message.txt');
    await this.alice.call('desk', 'relay/send_link', { key, language: 'en', out });
    return out;
  }

  /** Keys from before, with a partner's name each. */
  async oldKeys(names) {
    const day = (away) => new Date(Date.now() + away * 86_400_000).toISOString().slice(0, 10);
    const rows = names.map((partner, at) => [
      '[[keys]]',
      `partner = ${JSON.stringify(partner)}`,
      `service = "${['shipments', 'billing'][at % 2]}"`,
      `environment = "${at % 5 === 0 ? 'sandbox' : 'production'}"`,
      `key = "old-key-of-before-${this.numbers}-${at}-0123456789"`,
      `since = "${day(-200)}"`,
      `until = "${day(2 + ((at * 7) % 120))}"`,
    ].join('\n'));
    const path = this.fresh('old.toml');
    writeFileSync(path, `${rows.join('\n\n')}\n`);
    return this.alice.call('desk', 'keys/import_old', { path });
  }

  /** The ledger goes where no desk finds it. Whoever has it open keeps it open. */
  loseLedger() {
    renameSync(join(this.folder, 'organisation', 'ledger.db'), join(this.folder, 'organisation', 'away.db'));
  }

  end() {
    for (const child of this.children) child.kill();
    if (this.relayProcess) process.kill(this.relayProcess);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function browse() {
  const { chromium } = need('playwright-core');
  return chromium.launch({
    executablePath: process.env.COUNTERSIGN_BROWSER ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}
