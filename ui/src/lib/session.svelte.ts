// What this profile is, followed as it changes.
import { call, listen } from '$host';
import type { StatusView } from './contract';

const nobody: StatusView = {
  state: 'none',
  kind: null,
  name: null,
  fingerprint: null,
  organisation: null,
  founding: false,
  rights: [],
  sample: false,
  folder: '',
  sample_folder: '',
  left: [],
  people: [],
};

export const session: { now: StatusView } = $state({ now: nobody });

export async function refresh() {
  session.now = await call('session/status', {});
}

// Other admins give rights and take them, whatever this desk shows just then. What is the same is left alone: everything
// that reads it would be read anew.
async function follow() {
  const now = await call('session/status', {});
  if (JSON.stringify(now) !== JSON.stringify(session.now)) session.now = now;
}

listen('session', () => void refresh());
listen('content', () => void follow());
