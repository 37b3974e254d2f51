// The only file that knows Tauri.
import { invoke } from '@tauri-apps/api/core';
import { listen as hear } from '@tauri-apps/api/event';

import { failure, type Call, type Listen, type Told } from './host';

export const call: Call = async (name, request) => {
  const [area, command] = name.split('/');
  try {
    return await invoke(`plugin:${area}|${command}`, { request });
  } catch (error) {
    throw failure(error);
  }
};

export const listen: Listen = <E extends keyof Told>(event: E, act: (said: Told[E]) => void) => {
  const off = hear<Told[E]>(event, ({ payload }) => act(payload));
  return () => void off.then((stop) => stop());
};

/** Files that a person drops on the window: their paths, for the core to read. */
export function onDrop(act: (paths: string[]) => void): () => void {
  const off = hear<{ paths: string[] }>('tauri://drag-drop', (event) => act(event.payload.paths));
  return () => void off.then((stop) => stop());
}
