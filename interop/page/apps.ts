import { join } from 'node:path';
import { root } from '../../cli/root';
import { privateAuthority } from '../../testing/authority';
import { seen } from '../seen';
import { type Dev, startDev } from './dev';
import { seenBy } from './peers';

/** Tests of the pages of tools (MCP Apps), in a host built from the official packages. */
export function pagesOfTools(): void {
  let dev: Dev;
  beforeAll(async () => {
    dev = await startDev({});
  });
  afterAll(() => dev?.stop());

  test('a host shows the page of a tool, and blocks everything that it does not grant', async () => {
    const outside = privateAuthority().issue({ names: ['*.example.com'] });
    const found = await seenBy('show-pages.mjs', dev.url, join(root, 'build/card.png'), JSON.stringify(outside));
    const refused = (name: string) => `refused: ${name}`;
    expect(found).toMatchObject({
      card: {
        mimeType: 'text/html;profile=mcp-app',
        uri: expect.stringMatching(/^ui:\/\/\w+\/1\.0\.0\/card\.html$/),
        first: ['Tromsø', '6 °C'],
        again: ['Bergen', '6 °C'],
        complaints: [],
      },
      greedy: {
        requested: {
          csp: { connectDomains: ['https://api.example.com', 'https://tracker.example.com'] },
          permissions: { camera: {} },
        },
        granted: { connectDomains: ['https://api.example.com'] },
        found: {
          allowed: '200',
          forbidden: refused('TypeError'),
          undeclared: refused('TypeError'),
          picture: refused('BlockedError'),
          host: refused('SecurityError'),
          sandbox: refused('SecurityError'),
          storage: refused('SecurityError'),
          cookies: refused('SecurityError'),
          camera: refused('SecurityError'),
          window: 'nothing',
          away: refused('SecurityError'),
          script: refused('TypeError'),
        },
        reached: ['https://api.example.com/'],
        at: true,
      },
    });
    seen('see build/card.png');
  });
}
