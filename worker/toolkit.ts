import type { Toolkit } from './catalog/load';

/** What this server calls itself, towards the engine and MCP clients. Change the version when a tool changes. */
export const toolkit: Toolkit = {
  name: 'arcade_eval_ref',
  version: '1.0.0',
  description: 'Reference tools used to check an Arcade worker end to end.',
};
