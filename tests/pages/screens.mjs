// Every screen and dialog, and how a person gets there. In the order that a filled organisation allows.
import { readFileSync } from 'node:fs';

import { say } from './texts.mjs';

const button = (page, id, values) => page.getByRole('button', { name: say(id, values), exact: false }).first();
const place = (page, id) => page.getByRole('navigation').getByRole('button', { name: say(`place-${id}`) }).first();
const inDialog = (page, id) => page.locator('dialog[open]').getByRole('button', { name: say(id), exact: false }).last();

/** Closes what is open and goes to a place of the rail. */
export async function at(page, id) {
  for (let open = 0; open < 3 && (await page.locator('dialog[open]').count()) > 0; open += 1) await page.keyboard.press('Escape');
  await place(page, id).click();
}

/** The request of a company, opened in the queue. */
async function request(page, company) {
  await at(page, 'requests');
  const back = page.getByRole('button', { name: say('back-to-list') });
  if (await back.isVisible()) await back.click();
  const closed = page.getByRole('button', { name: say('show-closed') });
  if (await closed.isVisible()) await closed.click();
  await page.getByRole('option', { name: company }).first().click();
  await page.getByRole('heading', { level: 2, name: company }).waitFor();
}

const dialog = (go, id, values) => async (page) => {
  await go(page);
  await button(page, id, values).click();
  await page.locator('dialog[open]').waitFor();
};

const to = (id) => (page) => at(page, id);
const tab = (id) => async (page) => {
  await at(page, 'founding');
  await page.getByRole('tab', { name: say(id) }).click();
};
const row = (id, number = 0) => async (page) => {
  await at(page, id);
  await page.locator('main tbody tr[aria-rowindex]').nth(number).click();
};

/** The list of keys as it opens: without a query, and nothing chosen. */
const keys = async (page) => {
  await at(page, 'partners');
  await at(page, 'keys');
};

/** A key that works: among those that end together, which one is first is chance. */
const working = async (page) => {
  await keys(page);
  const rows = page.locator('main tbody tr[aria-rowindex]');
  await rows.filter({ hasNotText: say('key-stopping') }).filter({ hasNotText: say('key-revoked') }).filter({ hasNotText: say('key-disabled') }).first().click();
};

/** A key that somebody else disabled. */
const disabled = async (page) => {
  await keys(page);
  await page.locator('main tbody tr[aria-rowindex]').filter({ hasText: say('key-disabled') }).first().click();
};

/** A key that was ordered to be stopped and waits for a hand. */
const stopping = async (page) => {
  await keys(page);
  await page.locator('main tbody tr[aria-rowindex]').filter({ hasText: say('key-stopping') }).first().click();
};
/** A query in the list of keys. */
const sifted = (query) => async (page) => {
  await keys(page);
  await page.locator('input[type=search]').first().fill(query);
};
/** Several keys from before, chosen together. */
const marked = async (page) => {
  await sifted('is:replace')(page);
  const rows = page.locator('main tbody tr[aria-rowindex]');
  await rows.nth(0).click();
  await rows.nth(3).click({ modifiers: ['Shift'] });
};
/** A key that was vetted and works. */
const vettedKey = async (page) => {
  await sifted('state:active class:read')(page);
  await page.locator('main tbody tr[aria-rowindex]').first().click();
};
/** A key that was about to be made when its issuer failed. */
const unfinished = async (page) => {
  await sifted('state:intended')(page);
  await page.locator('main tbody tr[aria-rowindex]').first().click();
};
const change = (what) => async (world) => {
  const changes = await world.ben.call('desk', 'team/changes');
  await world.ben.call('desk', 'team/confirm', { id: changes.find((each) => each.what === what).id });
};
/** A stop that one person may order alone. */
const ordered = async (world) => {
  const [key] = await world.alice.call('desk', 'keys/list', { state: null, text: 'Vega', limit: 1, offset: 0 });
  await world.alice.call('desk', 'stops/order', { selected: { keys: [key.id], holder: null, service: null, environment: null }, how: 'revoke', reason: 'leaked' });
};
/** Said yes to, once it could be read. */
const answered = (act) => async (page) => {
  await page.locator('dd').first().waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('footer button')].every((each) => !each.disabled));
  await page.getByRole('button', { name: say(`confirm-${act}-yes`), exact: true }).click();
  await page.locator('.sum').waitFor();
};
const unfolded = async (page) => {
  await page.locator('summary').first().waitFor();
  await page.evaluate(() => { for (const each of document.querySelectorAll('details')) each.open = true; });
};

/** Who: which bridge; page: which window; go: from any state of that page to the screen. */
export const screens = [
  { name: 'start', who: 'fresh', page: 'start', go: async () => {} },
  { name: 'start-new-desk', who: 'fresh', page: 'start', go: (page) => page.getByRole('button', { name: say('start-desk') }).click() },
  { name: 'start-locked', who: 'locked', page: 'start', go: async () => {} },
  { name: 'start-other', who: 'locked', page: 'start', go: async (page) => { await page.getByRole('button', { name: say('start-other') }).click(); await page.getByRole('button', { name: say('back') }).waitFor(); } },
  { name: 'vault-make', who: 'making', page: 'vault', go: async () => {} },
  {
    name: 'vault-recovery', who: 'making', page: 'vault',
    go: async (page) => {
      for (const field of await page.locator('input').all()) await field.fill('four words only you would join');
      await page.getByRole('button', { name: say('go-on') }).click();
      await page.locator('.code').waitFor({ timeout: 60_000 });
    },
  },
  ...['begin', 'answer', 'complete', 'attach', 'card'].map((way) => ({
    name: `founding-${way}`, who: 'unattached', page: 'desk', go: tab(`founding-${way}`),
  })),
  ...['requests', 'keys', 'partners'].map((id) => ({ name: `${id}-empty`, who: 'carol', page: 'desk', empty: true, go: to(id) })),
  ...['inbox', 'asks'].map((id) => ({ name: `${id}-empty`, who: 'partner', page: 'inbox', empty: true, go: to(id) })),
  { name: 'organisations-empty', who: 'stranger', page: 'inbox', go: to('organisations') },

  { name: 'requests', who: 'alice', page: 'desk', go: async (page) => { await at(page, 'requests'); } },
  { name: 'request-received', who: 'alice', page: 'desk', go: (page) => request(page, 'Lumen Parcels') },
  { name: 'request-import', who: 'alice', page: 'desk', go: dialog(to('requests'), 'import') },
  { name: 'request-narrow', who: 'alice', page: 'desk', go: dialog((page) => request(page, 'Lumen Parcels'), 'narrow') },
  {
    name: 'request-narrow-difference', who: 'alice', page: 'desk',
    go: async (page) => {
      await dialog((page) => request(page, 'Lumen Parcels'), 'narrow')(page);
      await page.locator('dialog[open] input[type=checkbox]').first().uncheck();
      await page.getByLabel(say('lifetime-days'), { exact: true }).fill('30');
      await page.locator('dialog[open] ins').waitFor();
    },
  },
  { name: 'request-compare', who: 'alice', page: 'desk', go: dialog((page) => request(page, 'Lumen Parcels'), 'compare') },
  { name: 'request-answer', who: 'alice', page: 'desk', go: dialog((page) => request(page, 'Lumen Parcels'), 'answer-check', { check: say('check-who') }) },
  { name: 'request-justify', who: 'alice', page: 'desk', go: dialog((page) => request(page, 'Lumen Parcels'), 'justify') },
  { name: 'request-ask', who: 'alice', page: 'desk', go: dialog((page) => request(page, 'Lumen Parcels'), 'ask-changes') },
  { name: 'request-decline', who: 'alice', page: 'desk', go: dialog((page) => request(page, 'Lumen Parcels'), 'decline') },
  { name: 'request-history', who: 'ben', page: 'desk', go: async (page) => { await request(page, 'Halden Research'); await unfolded(page); await page.locator('details li').last().scrollIntoViewIfNeeded(); } },
  { name: 'request-evidence', who: 'ben', page: 'desk', go: dialog((page) => request(page, 'Kestrel Freight'), 'evidence-save', { file: 'trade-register.txt' }) },
  { name: 'request-vetted', who: 'ben', page: 'desk', go: (page) => request(page, 'Kestrel Freight') },
  { name: 'request-vetted-by-me', who: 'alice', page: 'desk', go: (page) => request(page, 'Kestrel Freight') },
  { name: 'request-countersigned', who: 'alice', page: 'desk', go: (page) => request(page, 'Orbit Couriers') },
  { name: 'request-changes-asked', who: 'alice', page: 'desk', go: (page) => request(page, 'Halden Research') },
  { name: 'request-declined', who: 'alice', page: 'desk', go: (page) => request(page, 'Brightline Retail') },
  { name: 'request-sealed', who: 'alice', page: 'desk', go: (page) => request(page, 'Northgate Clinics') },
  { name: 'request-hand-over', who: 'alice', page: 'desk', go: dialog((page) => request(page, 'Northgate Clinics'), 'hand-over') },
  { name: 'request-uploaded', who: 'alice', page: 'desk', go: (page) => request(page, 'Tidewater Cargo') },
  { name: 'request-take-back', who: 'alice', page: 'desk', go: dialog((page) => request(page, 'Tidewater Cargo'), 'take-back') },
  { name: 'request-fetched', who: 'alice', page: 'desk', go: (page) => request(page, 'Summit Logistics') },
  { name: 'request-taken-back', who: 'alice', page: 'desk', go: (page) => request(page, 'Garnet Freight') },
  { name: 'request-by-file', who: 'alice', page: 'desk', go: async (page) => { await dialog((page) => request(page, 'Northgate Clinics'), 'hand-over')(page); await unfolded(page); } },
  {
    name: 'request-link-sent', who: 'alice', page: 'desk',
    go: async (page) => {
      await dialog((page) => request(page, 'Tidewater Cargo'), 'hand-over-again')(page);
      await inDialog(page, 'link-copy').click();
      await page.locator('dialog[open] [role=status]').waitFor();
    },
  },
  { name: 'request-active', who: 'alice', page: 'desk', go: (page) => request(page, 'Oakbridge Analytics') },
  {
    name: 'palette', who: 'alice', page: 'desk',
    go: async (page) => {
      await at(page, 'requests');
      await page.keyboard.press('Control+k');
      await page.locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'shortcuts', who: 'alice', page: 'desk',
    go: async (page) => {
      await at(page, 'requests');
      await page.keyboard.press('?');
      await page.locator('dialog[open]').waitFor();
    },
  },
  { name: 'keys', who: 'alice', page: 'desk', go: to('keys') },
  { name: 'key', who: 'alice', page: 'desk', go: row('keys') },
  { name: 'keys-expiry-table', who: 'alice', page: 'desk', go: async (page) => { await keys(page); await button(page, 'as-table').click(); } },
  { name: 'keys-exposure-table', who: 'alice', page: 'desk', go: async (page) => { await keys(page); await page.getByRole('button', { name: say('as-table') }).nth(1).click(); } },
  { name: 'keys-filtered', who: 'alice', page: 'desk', go: sifted('partner:"Vega Logistik" service:shipments endet:bald is:replace') },
  { name: 'keys-marked', who: 'alice', page: 'desk', go: marked },
  { name: 'keys-revoke-many', who: 'alice', page: 'desk', go: dialog(marked, 'revoke-many', { count: 4 }) },
  { name: 'keys-columns', who: 'alice', page: 'desk', go: dialog(keys, 'columns') },
  { name: 'keys-rotate', who: 'alice', page: 'desk', go: dialog(vettedKey, 'rotate') },
  { name: 'key-intended', who: 'alice', page: 'desk', go: unfinished },
  { name: 'keys-abandon', who: 'alice', page: 'desk', go: dialog(unfinished, 'abandon') },
  { name: 'keys-revoke', who: 'alice', page: 'desk', go: dialog(working, 'revoke') },
  { name: 'key-stopping', who: 'alice', page: 'desk', go: stopping },
  { name: 'keys-by-hand', who: 'alice', page: 'desk', go: dialog(stopping, 'hand-open') },
  { name: 'key-disabled', who: 'alice', page: 'desk', go: disabled },
  { name: 'keys-object', who: 'alice', page: 'desk', go: dialog(disabled, 'object') },
  { name: 'keys-report', who: 'alice', page: 'desk', go: dialog(stopping, 'report-open') },
  { name: 'keys-leak', who: 'alice', page: 'desk', go: dialog(to('keys'), 'leak') },
  {
    name: 'keys-leak-found', who: 'alice', page: 'desk',
    go: async (page, world) => {
      await world.alice.clipboard(`env KEY="${world.leaked}" ./start`);
      await at(page, 'keys');
      await button(page, 'leak').click();
      await inDialog(page, 'leak-clipboard').click();
      await page.locator('dialog[open] .leak').first().waitFor();
    },
  },
  { name: 'keys-import', who: 'alice', page: 'desk', go: dialog(to('keys'), 'import-old') },
  { name: 'keys-export', who: 'alice', page: 'desk', go: dialog(to('keys'), 'export') },
  { name: 'partners', who: 'alice', page: 'desk', go: to('partners') },
  { name: 'partners-card', who: 'alice', page: 'desk', go: dialog(to('partners'), 'card-propose') },
  { name: 'partners-invite', who: 'alice', page: 'desk', go: dialog(to('partners'), 'invite') },
  { name: 'ledger', who: 'alice', page: 'desk', go: async (page) => { await at(page, 'ledger'); await button(page, 'verify').click(); await page.getByText(say('ledger-holds')).waitFor({ timeout: 60_000 }); } },
  { name: 'ledger-entry', who: 'alice', page: 'desk', go: row('ledger', 3) },
  { name: 'ledger-prove', who: 'alice', page: 'desk', go: dialog(row('ledger', 3), 'prove') },
  { name: 'ledger-export', who: 'alice', page: 'desk', go: dialog(to('ledger'), 'export') },
  { name: 'team', who: 'alice', page: 'desk', go: to('team') },
  { name: 'team-add', who: 'alice', page: 'desk', go: dialog(to('team'), 'member-add') },
  { name: 'team-rights', who: 'alice', page: 'desk', go: dialog(to('team'), 'member-rights') },
  { name: 'team-rekey', who: 'alice', page: 'desk', go: dialog(to('team'), 'rekey') },
  { name: 'team-suspend', who: 'alice', page: 'desk', go: dialog(to('team'), 'member-suspend') },
  { name: 'catalogue', who: 'alice', page: 'desk', go: to('catalogue') },
  { name: 'catalogue-propose', who: 'alice', page: 'desk', go: async (page) => { await at(page, 'catalogue'); await button(page, 'propose-change').click(); } },
  { name: 'issuers', who: 'alice', page: 'desk', go: to('issuers') },
  { name: 'issuers-add', who: 'alice', page: 'desk', go: dialog(to('issuers'), 'issuer-add') },
  { name: 'policy', who: 'alice', page: 'desk', go: to('policy') },
  { name: 'policy-waits', who: 'ben', page: 'desk', go: to('policy') },
  { name: 'desk-settings', who: 'alice', page: 'desk', go: to('settings') },
  { name: 'desk-settings-undo', who: 'alice', page: 'desk', go: async (page) => { await at(page, 'settings'); await page.getByLabel(say('notify')).click(); await button(page, 'undo').waitFor(); } },
  { name: 'confirm-vet', who: 'alice', page: 'confirm', before: (world) => world.alice.call('desk', 'requests/vet', { id: world.ready }), go: (page) => page.locator('dd').first().waitFor() },
  { name: 'confirm-countersign', who: 'ben', page: 'confirm', before: (world) => world.ben.call('desk', 'requests/countersign', { id: world.vetted }), go: (page) => page.locator('dd').first().waitFor() },
  ...['member', 'policy', 'catalogue', 'issuer', 'card'].map((what) => ({
    name: `confirm-${what}`, who: 'ben', page: 'confirm', before: change(what), go: (page) => page.locator('table').first().waitFor(),
  })),
  { name: 'confirm-policy-whole', who: 'ben', page: 'confirm', before: change('policy'), go: unfolded },
  { name: 'confirm-vet-whole', who: 'alice', page: 'confirm', before: (world) => world.alice.call('desk', 'requests/vet', { id: world.ready }), go: unfolded },
  { name: 'confirm-stop', who: 'alice', page: 'confirm', before: ordered, go: (page) => page.locator('dd').first().waitFor() },
  { name: 'confirm-outcomes', who: 'alice', page: 'confirm', before: ordered, go: answered('stop') },
  { name: 'confirm-disable', who: 'alice', page: 'confirm', before: (world) => world.alice.call('desk', 'stops/order', { selected: { keys: [], holder: null, service: 'shipments', environment: null }, how: 'disable', reason: 'leaked' }), go: (page) => page.locator('dd').first().waitFor() },

  { name: 'inbox', who: 'partner', page: 'inbox', go: to('inbox') },
  {
    name: 'inbox-envelope', who: 'partner', page: 'inbox',
    go: async (page, world) => {
      await at(page, 'inbox');
      await page.getByLabel(say('envelope-in'), { exact: true }).fill(world.waiting.envelope.files[0]);
      await page.getByLabel(say('secret-in'), { exact: true }).fill(world.waiting.secret);
      await button(page, 'inspect-do').click();
      await page.getByRole('button', { name: say('open-envelope') }).waitFor();
    },
  },
  {
    name: 'inbox-refused', who: 'partner', page: 'inbox', again: true,
    go: async (page, world) => {
      await at(page, 'inbox');
      await page.getByLabel(say('envelope-in'), { exact: true }).fill(world.waiting.envelope.files[0]);
      await page.getByLabel(say('secret-in'), { exact: true }).fill('A'.repeat(43));
      await button(page, 'inspect-do').click();
      await page.locator('[role=alert] .problem').waitFor();
    },
  },
  {
    name: 'inbox-link-mangled', who: 'partner', page: 'inbox', again: true,
    go: async (page, world) => {
      await world.partner.clipboard(`https://keys.example.com/e/${'A'.repeat(22)}%23${'A'.repeat(43)}`);
      await at(page, 'inbox');
      await button(page, 'link-clipboard').click();
      await page.locator('[role=alert] .problem').waitFor();
    },
  },
  {
    name: 'inbox-link', who: 'partner', page: 'inbox', again: true,
    go: async (page, world) => {
      await world.partner.clipboard(readFileSync(world.message, 'utf8'));
      await at(page, 'inbox');
      await button(page, 'link-clipboard').click();
      await page.getByRole('button', { name: say('open-envelope') }).waitFor();
    },
  },
  { name: 'inbox-save', who: 'partner', page: 'inbox', again: true, go: dialog(to('inbox'), 'save') },
  { name: 'inbox-receipt', who: 'partner', page: 'inbox', go: dialog(to('inbox'), 'receipt') },
  { name: 'inbox-report', who: 'partner', page: 'inbox', go: dialog(to('inbox'), 'report-leak') },
  { name: 'inbox-renew', who: 'partner', page: 'inbox', go: async (page) => { await at(page, 'inbox'); await page.locator('article').getByRole('button', { name: say('renew') }).first().click(); await page.getByLabel(say('form-company'), { exact: true }).waitFor(); } },
  { name: 'asks', who: 'partner', page: 'inbox', again: true, go: to('asks') },
  { name: 'asks-read', who: 'partner', page: 'inbox', go: dialog(to('asks'), 'read-message') },
  { name: 'asks-withdraw', who: 'partner', page: 'inbox', go: dialog(to('asks'), 'withdraw') },
  { name: 'asks-form', who: 'partner', page: 'inbox', go: async (page) => { await at(page, 'asks'); await button(page, 'ask-new').click(); await page.getByLabel(say('form-company'), { exact: true }).waitFor(); } },
  { name: 'asks-preview', who: 'partner', page: 'inbox', go: async (page) => { await page.getByLabel(say('form-company'), { exact: true }).fill('Oakbridge Analytics'); await button(page, 'preview').click(); } },
  { name: 'organisations', who: 'partner', page: 'inbox', again: true, go: to('organisations') },
  { name: 'organisations-pin', who: 'partner', page: 'inbox', go: dialog(to('organisations'), 'pin') },
  {
    name: 'organisations-fingerprint', who: 'stranger', page: 'inbox',
    go: async (page, world) => {
      await at(page, 'organisations');
      await button(page, 'pin').click();
      await page.getByLabel(say('card-in'), { exact: true }).fill(world.card);
      await inDialog(page, 'go-on').click();
      await page.locator('dialog[open] fieldset').waitFor();
    },
  },
  { name: 'identity', who: 'partner', page: 'inbox', go: to('identity') },
  { name: 'inbox-settings', who: 'partner', page: 'inbox', go: to('settings') },
  { name: 'reveal', who: 'partner', page: 'reveal', before: async (world) => world.partner.call('inbox', 'envelopes/reveal', { id: (await world.partner.call('inbox', 'envelopes/held'))[0].id }), go: (page) => page.locator('.key').waitFor() },

  // The last ones: the ledger is gone for good afterwards.
  {
    name: 'keys-cut-off', who: 'carol', page: 'desk',
    before: async (world) => {
      // What a desk knows last is what it read last.
      await world.carol.call('desk', 'team/members');
      await world.carol.call('desk', 'session/lock');
      world.loseLedger();
      await world.carol.call('start', 'session/unlock');
    },
    go: async (page) => { await keys(page); await page.getByText(say('cut-off-help')).waitFor(); },
  },
  {
    name: 'confirm-outcomes-cut-off', who: 'carol', page: 'confirm',
    before: async (world) => {
      const [key] = await world.carol.call('desk', 'keys/list', { state: null, text: 'Oakbridge', limit: 1, offset: 0 });
      await world.carol.call('desk', 'stops/order', { selected: { keys: [key.id], holder: null, service: null, environment: null }, how: 'disable', reason: 'leaked' });
    },
    go: answered('disable'),
  },
  {
    name: 'key-unrecorded', who: 'carol', page: 'desk',
    go: async (page) => { await keys(page); await page.locator('main tbody tr[aria-rowindex]').filter({ hasText: say('key-unrecorded') }).first().click(); },
  },
];
