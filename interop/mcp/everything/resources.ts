import { codes, RpcError } from '../../../worker/mcp/protocol';
import type { McpMethod } from '../../../worker/mcp/service';
import { pixel } from './content';

const resources = new Map<string, object>([
  ['test://static-text', { mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  ['test://static-binary', { mimeType: 'image/png', blob: pixel }],
  ['test://watched-resource', { mimeType: 'text/plain', text: 'Watched resource content.' }],
]);

export const resourceMethods = new Map<string, McpMethod>([
  [
    'resources/list',
    () => ({ resources: [...resources.keys()].map((uri) => ({ uri, name: uri, mimeType: 'text/plain' })) }),
  ],
  [
    'resources/templates/list',
    () => ({ resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'template' }] }),
  ],
  ['resources/read', ({ params: { uri } }) => ({ contents: [{ uri, ...contentOf(String(uri)) }] })],
  // No-ops: without a session no client can be notified.
  ['resources/subscribe', () => ({})],
  ['resources/unsubscribe', () => ({})],
]);

function contentOf(uri: string): object {
  const known = resources.get(uri);
  if (known) return known;
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) throw new RpcError(codes.invalidParams, 'Resource not found', { uri });
  return { mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) };
}
