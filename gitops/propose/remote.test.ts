import { mkdtempSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { endingOf } from '../../testing/processes/program';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

test('does not send the token to a redirect', async () => {
  const asked: string[] = [];
  const elsewhere = await listening(({ method, headers }, response) => {
    asked.push(`${method} ${headers.authorization}`);
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' }).end(advertisement);
  });
  const forge = await listening(({ url }, response) => response.writeHead(302, { location: elsewhere + url }).end());
  const { code, stderr } = await clone(forge, 'fleet');
  expect(asked).toEqual([]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/✗ FORGE-ANSWER .*acme\/fleet: git failed: ".*302/);
});

test.each(['../evil/x', 'x/../../evil/x', '..', '.', '', 'fleet.git', 'fleet?', '@evil.example.com'])(
  'rejects "%s" as the name of a target without a request',
  async (name) => {
    const asked: (string | undefined)[] = [];
    const forge = await listening(({ url }, response) => response.writeHead(404).end(`${asked.push(url)}`));
    const { code, stderr } = await clone(forge, name);
    expect([code, asked]).toEqual([1, []]);
    expect(stderr).toContain('✗ USAGE');
  },
);

/** The first response to git: protocol version 2, which requires a second request (git-scm.com, protocol-v2). */
const advertisement = '001e# service=git-upload-pack\n0000000eversion 2\n000cls-refs\n000afetch\n0000';

function clone(forge: string, name: string) {
  const folder = join(mkdtempSync(join(tmpdir(), 'checkout-')), 'target');
  const command = [join(root, 'cli/run.mjs'), 'gitops/propose/propose.command.ts', 'clone', name, folder];
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, GITHUB_SERVER_URL: forge, GITHUB_REPOSITORY: 'acme/servers', PROPOSE_TOKEN: 'good' };
  return endingOf(process.execPath, command, { cwd: root, env });
}

/** @returns the address of a server on this machine */
async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a TCP port has this type of address.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
