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

listen('session', () => void refresh());
