import type { McpMethod, McpService } from '../../../worker/mcp/service';
import { promptMethods } from './prompts';
import { resourceMethods } from './resources';
import { toolMethods } from './tools';

const methods = new Map<string, McpMethod>([
  ...toolMethods,
  ...promptMethods,
  ...resourceMethods,
  // A no-op: without a session the level cannot be stored.
  ['logging/setLevel', () => ({})],
]);
const handshakeOnly = ['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'];

/** Every feature that the conformance suite tests, served by the product's route in both eras. */
export const everything: McpService = {
  info: { name: 'everything', version: '1.0.0', title: 'Everything the conformance suite asks for' },
  instructions: 'For the conformance suite.',
  capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} },
  methods,
  modern: {
    capabilities: { tools: {}, prompts: {}, resources: {}, completions: {} },
    methods: new Set([...methods.keys()].filter((method) => !handshakeOnly.includes(method))),
  },
  toolNamed: (name) => name,
};
